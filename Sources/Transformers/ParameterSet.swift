public import Kernels

/// Named tensors that lie one behind the other in one buffer.
///
/// One buffer, so that gradients, moments, reductions over ranks and checkpoints are vectors: what is
/// at an index here is the gradient's, the moments' and the partition's index too.
public final class ParameterSet {
  public struct Slot: Sendable, Equatable {
    public let name: String
    public let rows: Int
    public let columns: Int
    /// Where the tensor starts in the buffer.
    public let offset: Int
    /// Vectors (gains, biases) are one row here and have one dimension in files.
    public let isVector: Bool

    public var range: Range<Int> { offset..<offset + rows * columns }
    public var shape: [Int] { isVector ? [columns] : [rows, columns] }
  }

  public let slots: [Slot]
  public let values: FloatBuffer
  private let indices: [String: Int]

  /// Zeroed tensors of the given shapes, in the given order.
  public init(_ tensors: [(name: String, shape: [Int])]) {
    var slots: [Slot] = []
    var offset = 0
    for (name, shape) in tensors {
      precondition(shape.count == 1 || shape.count == 2, "\(name) has the shape \(shape)")
      let slot = Slot(
        name: name, rows: shape.count == 1 ? 1 : shape[0], columns: shape[shape.count - 1],
        offset: offset, isVector: shape.count == 1)
      // Sixteen floats are a cache line: every tensor starts at one.
      offset = (slot.range.upperBound + 15) / 16 * 16
      slots.append(slot)
    }
    self.slots = slots
    values = FloatBuffer(count: offset)
    indices = Dictionary(
      slots.enumerated().map { ($0.element.name, $0.offset) },
      uniquingKeysWith: { first, _ in first })
  }

  public var count: Int { values.count }

  /// How many numbers the tensors hold, without the gaps between them.
  public var elementCount: Int { slots.reduce(0) { $0 + $1.range.count } }

  public func slot(_ name: String) -> Slot? {
    indices[name].map { slots[$0] }
  }

  /// A tensor as a matrix; a vector is one row.
  public func matrix(_ name: String) -> Matrix? {
    slot(name).map { view(of: $0, in: values) }
  }

  /// The same tensor's place in another buffer of this layout, such as the gradient.
  public func view(of slot: Slot, in buffer: FloatBuffer) -> Matrix {
    precondition(
      buffer.count == count, "a buffer of \(buffer.count) numbers for \(count) parameters")
    return Matrix(buffer, offset: slot.offset, rows: slot.rows, columns: slot.columns)
  }
}
