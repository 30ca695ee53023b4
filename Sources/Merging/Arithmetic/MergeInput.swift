public import Checkpoints

/// One model's values of a tensor, read a stretch at a time.
public struct MergeInput: Sendable {
  private enum Storage {
    case values([Float])
    case stored(any TensorSource, tensor: String)
  }

  private let storage: Storage
  public let count: Int

  /// Values that have been worked out, row-major.
  public init(_ values: [Float]) {
    storage = .values(values)
    count = values.count
  }

  /// A tensor of a file, row-major.
  ///
  /// - Throws: `CheckpointError` where there is no such tensor, or it is no tensor of floats.
  public init(_ source: any TensorSource, tensor: String) throws {
    guard let information = source.information(tensor) else {
      throw CheckpointError.noSuchTensor(name: tensor, nearest: nil)
    }
    guard information.elementType.isConvertibleToFloat else {
      throw CheckpointError.notFloats(name: tensor, elementType: information.elementType)
    }
    storage = .stored(source, tensor: tensor)
    count = information.elementCount
  }

  func read(_ elements: Range<Int>, into floats: inout MutableSpan<Float>) throws {
    switch storage {
    case .values(let values):
      precondition(floats.count == elements.count, "no room for \(elements) in \(floats.count)")
      values.withUnsafeBufferPointer { source in
        floats.withUnsafeMutableBufferPointer { target in
          _ = target.update(fromContentsOf: UnsafeBufferPointer(rebasing: source[elements]))
        }
      }
    case .stored(let source, let tensor):
      try source.readFloats(tensor, elements: elements, into: &floats)
    }
  }

  /// All values; for what is small.
  func values() throws -> [Float] {
    switch storage {
    case .values(let values): values
    case .stored(let source, let tensor): try source.floats(tensor)
    }
  }

  /// Gives back what reading took; says that this will be read soon.
  func release() { if case .stored(let source, let tensor) = storage { source.release(tensor) } }
  func prefetch() { if case .stored(let source, let tensor) = storage { source.prefetch(tensor) } }
}
