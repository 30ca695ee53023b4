import Suggestions

/// A tensor's name, type and shape (outermost dimension first), without its values.
public struct TensorInformation: Sendable, Equatable {
  public var name: String
  public var elementType: ElementType
  public var shape: [Int]

  public init(name: String, elementType: ElementType, shape: [Int]) {
    self.name = name
    self.elementType = elementType
    self.shape = shape
  }

  /// The number of elements; readers have checked that it does not overflow.
  public var elementCount: Int { shape.reduce(1, &*) }
}

/// Named tensors that are read one at a time, so that a model larger than memory can be walked.
///
/// Reading changes nothing, so a source may be read from several threads at once.
public protocol TensorSource: AnyObject, Sendable {
  /// What is there, in the file's own order.
  var tensors: [TensorInformation] { get }

  func information(_ name: String) -> TensorInformation?

  /// Reads a whole tensor, row-major, as floats; `floats` has exactly its number of elements.
  func readFloats(_ name: String, into floats: inout MutableSpan<Float>) throws

  /// Reads part of a tensor, as positions in its row-major order.
  func readFloats(
    _ name: String, elements: Range<Int>, into floats: inout MutableSpan<Float>) throws

  /// Lends a tensor's bytes as `information(name)` describes them: little-endian, row-major.
  func withBytes<R>(_ name: String, _ body: (RawSpan) throws -> R) throws -> R

  /// A row of a matrix as the file keeps it, where that is blocks of 32 whole numbers; else nil.
  func quantizedRow(_ name: String, row: Int) -> QuantizedRow?

  /// All that decides the values, in words: of files which they are and as of when, of what is computed also how.
  ///
  /// Work that was interrupted is gone on with only where this is what it was.
  var identity: [String] { get }

  /// Gives back the memory that reading a tensor took, and says that another will be read soon. Both are advice.
  func release(_ name: String)
  func prefetch(_ name: String)
}

extension TensorSource {
  public func quantizedRow(_ name: String, row: Int) -> QuantizedRow? { nil }

  public func release(_ name: String) {}
  public func prefetch(_ name: String) {}

  public func readFloats(_ name: String, into floats: inout MutableSpan<Float>) throws {
    guard let information = information(name) else {
      throw CheckpointError.noSuchTensor(name: name, nearest: nearestName(to: name))
    }
    try readFloats(name, elements: 0..<information.elementCount, into: &floats)
  }

  /// A whole tensor as an array of floats, row-major.
  public func floats(_ name: String) throws -> [Float] {
    guard let information = information(name) else {
      throw CheckpointError.noSuchTensor(name: name, nearest: nearestName(to: name))
    }
    var values = [Float](repeating: 0, count: information.elementCount)
    var span = values.mutableSpan
    try readFloats(name, elements: 0..<information.elementCount, into: &span)
    return values
  }

  /// The name that a mistyped one may have meant.
  func nearestName(to name: String) -> String? {
    suggestion(for: name, among: tensors.map(\.name))
  }
}
