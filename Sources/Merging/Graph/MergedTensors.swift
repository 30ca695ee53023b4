import Checkpoints
import Synchronization

/// The result of a merge as a source of tensors for another: made when it is read, and not written.
///
/// Values are rounded to the type that the result would be written in, so that a graph of merges gives what its
/// merges give one after another.
final class MergedTensors: TensorSource {
  let tensors: [TensorInformation]
  private let plan: MergePlan
  private let places: [String: Int]
  /// The last tensors that were made: a reader that comes in pieces, or from several threads, waits and finds them.
  private let recent = Mutex<[(name: String, values: [Float])]>([])
  private static let recentLimit = 2

  init(_ plan: MergePlan) {
    self.plan = plan
    tensors = plan.tensors.map { planned in
      var information = planned.information
      if planned.copied == nil { information.elementType = .float32 }
      return information
    }
    var places: [String: Int] = [:]
    for (index, tensor) in tensors.enumerated() { places[tensor.name] = index }
    self.places = places
  }

  func information(_ name: String) -> TensorInformation? { places[name].map { tensors[$0] } }

  var identity: [String] { [MergeNotes.text(of: plan, shardLimit: 0)] }

  func readFloats(
    _ name: String, elements: Range<Int>, into floats: inout MutableSpan<Float>
  ) throws {
    let values = try values(name)
    for index in elements { floats[index - elements.lowerBound] = values[index] }
  }

  func withBytes<R>(_ name: String, _ body: (RawSpan) throws -> R) throws -> R {
    let planned = try planned(name)
    if let copied = planned.copied, let source = plan.model(copied.model)?.weights {
      return try source.withBytes(copied.tensor, body)
    }
    let values = try values(name)
    return try body(values.span.bytes)
  }

  private func planned(_ name: String) throws -> PlannedTensor {
    guard let place = places[name] else {
      throw CheckpointError.noSuchTensor(name: name, nearest: nil)
    }
    return plan.tensors[place]
  }

  private func values(_ name: String) throws -> [Float] {
    let planned = try planned(name)
    return try recent.withLock { recent in
      if let found = recent.first(where: { $0.name == name }) { return found.values }
      let values = try plan.values(of: planned).map {
        $0.rounded(as: planned.information.elementType)
      }
      if recent.count == Self.recentLimit { recent.removeFirst() }
      recent.append((name, values))
      return values
    }
  }
}

extension OpenedModel {
  /// The result of a merge, before it is made.
  init(planned plan: MergePlan) {
    self.init(
      name: plan.configuration.name ?? "", config: plan.outputConfig, companions: plan.outputFiles,
      weights: MergedTensors(plan))
    for tensor in plan.tensors {
      storedTypes[tensor.information.name] = tensor.information.elementType
    }
  }
}

extension Float {
  /// The nearest value that an element of a type can have, ties to even.
  func rounded(as type: ElementType) -> Float {
    switch type {
    case .bfloat16:
      guard isFinite else { return self }
      let bits = bitPattern
      return Float(bitPattern: (bits &+ 0x7FFF &+ ((bits >> 16) & 1)) & 0xFFFF_0000)
    case .float16: return Float(Float16(self))
    default: return self
    }
  }
}
