/// A matrix in bfloat16, in half of the memory that it has in float32: for what waits.
public struct RoundedMatrix {
  public let rows: Int
  public let columns: Int
  private let room: Matrix

  /// How many float32 numbers of room so many numbers take.
  public static func roomCount(_ count: Int) -> Int { (count + 1) / 2 }

  /// [rows, columns] with unspecified contents in `room`, any matrix of `roomCount` numbers.
  public init(rows: Int, columns: Int, in room: Matrix) {
    precondition(
      room.count == RoundedMatrix.roomCount(rows * columns),
      "room for \(room.count) numbers is not that of [\(rows), \(columns)]")
    (self.rows, self.columns, self.room) = (rows, columns, room)
  }

  fileprivate var pointer: UnsafeMutablePointer<UInt16> {
    UnsafeMutableRawPointer(room.writable).assumingMemoryBound(to: UInt16.self)
  }
}

extension Compute {
  /// Each number rounded to the nearest bfloat16.
  public func round(_ x: Matrix, into y: RoundedMatrix) {
    x.requireShape(y.rows, y.columns, "what is rounded")
    roundToBrainFloat(x.pointer, into: y.pointer, count: x.count)
  }

  /// The numbers as float32.
  public func widen(_ x: RoundedMatrix, into y: Matrix) {
    y.requireShape(x.rows, x.columns, "what is widened")
    widenBrainFloats(x.pointer, into: y.writable, count: y.count)
  }

  /// Rounds each number to the nearest bfloat16 where it is.
  public func round(_ x: Matrix) {
    round(x.pointer, into: x.writable, count: x.count)
  }
}
