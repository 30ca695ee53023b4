/// The keys and values of one sequence in one layer, as far as it has been decoded.
///
/// Rows [capacity, width] with width = keyValueHeads · headDimension. One cache a sequence: sequences
/// come and go on their own, and nothing of a neighbour can be read.
public final class KeyValueCache {
  public let capacity: Int
  public let width: Int
  public private(set) var count = 0
  let keys: FloatBuffer
  let values: FloatBuffer

  public init(capacity: Int, width: Int) {
    self.capacity = capacity
    self.width = width
    keys = FloatBuffer(count: capacity * width)
    values = FloatBuffer(count: capacity * width)
  }

  /// Adds rows [n, width] behind those that are there.
  public func append(keys newKeys: Matrix, values newValues: Matrix) {
    newKeys.requireShape(newKeys.rows, width, "the new keys")
    newValues.requireShape(newKeys.rows, width, "the new values")
    precondition(
      count + newKeys.rows <= capacity,
      "\(newKeys.rows) more positions than \(count) do not fit a cache of \(capacity)")
    (keys.writable + count * width).update(from: newKeys.pointer, count: newKeys.count)
    (values.writable + count * width).update(from: newValues.pointer, count: newValues.count)
    count += newKeys.rows
  }

  /// Becomes a copy of another cache, as samples of one prompt do.
  public func copy(from other: KeyValueCache) {
    precondition(
      other.width == width && other.count <= capacity,
      "\(other.count) positions of \(other.width) do not fit \(capacity) of \(width)")
    (keys.writable).update(from: other.keys.pointer, count: other.count * width)
    (values.writable).update(from: other.values.pointer, count: other.count * width)
    count = other.count
  }

  /// Forgets all positions from `count` on.
  public func truncate(to count: Int) {
    precondition(count >= 0 && count <= self.count, "no \(count) positions of \(self.count)")
    self.count = count
  }
}
