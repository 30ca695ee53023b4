/// Weights [outputs, inputs] as products read them: float32 numbers, or bfloat16 numbers in half the memory.
///
/// A product multiplies the numbers that are there, whatever they are kept in: weights that bfloat16 holds exactly give
/// the same bits from either.
public enum WeightMatrix {
  case float32(Matrix)
  case bfloat16(BrainFloatMatrix)

  public var rows: Int {
    switch self {
    case .float32(let matrix): matrix.rows
    case .bfloat16(let matrix): matrix.rows
    }
  }

  public var columns: Int {
    switch self {
    case .float32(let matrix): matrix.columns
    case .bfloat16(let matrix): matrix.columns
    }
  }

  /// [rows, columns], for messages and comparisons.
  public var shape: [Int] { [rows, columns] }

  var right: RightSide {
    switch self {
    case .float32(let matrix): .float32(matrix.pointer)
    case .bfloat16(let matrix): .bfloat16(UnsafePointer(matrix.pointer))
    }
  }
}
