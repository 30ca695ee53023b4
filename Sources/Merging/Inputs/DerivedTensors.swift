import Checkpoints

/// A tensor that is computed when it is read: float32, whatever it is computed from.
protocol DerivedTensor: Sendable {
  var name: String { get }
  var shape: [Int] { get }

  /// All that decides the values, in words.
  var identity: [String] { get }

  /// The values at these positions of the row-major order; `floats` has exactly as many.
  func read(_ elements: Range<Int>, into floats: inout MutableSpan<Float>) throws

  /// Gives back the memory that reading took; says that this will be read soon.
  func release()
  func prefetch()
}

/// The tensors of a source, some of them replaced and some added, all read one at a time.
///
/// That is how a method can merge a model with its adapter, or embeddings in another order, without hearing of either.
final class DerivedTensors: TensorSource {
  let tensors: [TensorInformation]
  private let original: any TensorSource
  private let derived: [String: any DerivedTensor]

  /// Replaced tensors keep their place in the order; new ones come last.
  init(_ original: any TensorSource, replacing replacements: [any DerivedTensor]) {
    self.original = original
    var derived: [String: any DerivedTensor] = [:]
    for tensor in replacements { derived[tensor.name] = tensor }
    self.derived = derived
    func information(_ tensor: any DerivedTensor) -> TensorInformation {
      TensorInformation(name: tensor.name, elementType: .float32, shape: tensor.shape)
    }
    tensors =
      original.tensors.map { tensor in derived[tensor.name].map(information) ?? tensor }
      + replacements.filter { original.information($0.name) == nil }.map(information)
  }

  func information(_ name: String) -> TensorInformation? {
    guard let tensor = derived[name] else { return original.information(name) }
    return TensorInformation(name: tensor.name, elementType: .float32, shape: tensor.shape)
  }

  var identity: [String] {
    var lines = original.identity
    var known = Set(lines)
    for information in tensors {
      guard let tensor = derived[information.name] else { continue }
      lines.append("\(tensor.name) is \(type(of: tensor))")
      for line in tensor.identity where known.insert(line).inserted { lines.append(line) }
    }
    return lines
  }

  func release(_ name: String) {
    if let tensor = derived[name] { tensor.release() } else { original.release(name) }
  }

  func prefetch(_ name: String) {
    if let tensor = derived[name] { tensor.prefetch() } else { original.prefetch(name) }
  }

  func readFloats(
    _ name: String, elements: Range<Int>, into floats: inout MutableSpan<Float>
  ) throws {
    guard let tensor = derived[name] else {
      return try original.readFloats(name, elements: elements, into: &floats)
    }
    precondition(
      floats.count == elements.count && elements.upperBound <= tensor.shape.reduce(1, *),
      "cannot read \(elements) of \(tensor.shape) into \(floats.count) floats")
    try tensor.read(elements, into: &floats)
  }

  func withBytes<R>(_ name: String, _ body: (RawSpan) throws -> R) throws -> R {
    guard derived[name] != nil else { return try original.withBytes(name, body) }
    let values = try floats(name)
    return try body(values.span.bytes)
  }
}

/// A tensor of another source, or of the same one under another name.
struct BorrowedTensor: DerivedTensor {
  let name: String
  let source: any TensorSource
  let key: String

  var shape: [Int] { source.information(key)?.shape ?? [] }
  var identity: [String] { ["\(name) as \(key)"] + source.identity }

  func read(_ elements: Range<Int>, into floats: inout MutableSpan<Float>) throws {
    try source.readFloats(key, elements: elements, into: &floats)
  }

  func release() { source.release(key) }
  func prefetch() { source.prefetch(key) }
}
