/// A row of a matrix in blocks of 32 whole numbers: `scale · q + minimum`, exact in float32.
public struct QuantizedRow: Sendable, Equatable {
  public enum Kind: Sendable, Equatable {
    /// From −128 to 127; minima are zero. GGUF's Q8_0.
    case bytes
    /// From 0 to 15. GGUF's Q4_1, and Q4_0 with a minimum of −8 scales.
    case nibbles
  }

  public var kind: Kind
  /// One for each block.
  public var scales: [Float16]
  public var minima: [Float16]
  /// The numbers in the row's order; those of `bytes` in two's complement.
  public var numbers: [UInt8]
}

extension GGUFEncoding {
  /// A row's whole numbers, of an encoding that has them in blocks of 32.
  func quantizedRow(_ bytes: RawSpan) -> QuantizedRow? {
    guard blockElements == 32 else { return nil }
    let blocks = bytes.byteCount / blockBytes
    var row = QuantizedRow(
      kind: self == .q8x0 ? .bytes : .nibbles, scales: [], minima: [],
      numbers: [UInt8](repeating: 0, count: 32 * blocks))
    row.scales.reserveCapacity(blocks)
    row.minima.reserveCapacity(blocks)
    bytes.withUnsafeBytes { source in
      for block in 0..<blocks {
        let start = block * blockBytes
        let scale = source.loadUnaligned(fromByteOffset: start, as: Float16.self)
        row.scales.append(scale)
        if self == .q8x0 {
          row.minima.append(0)
          for index in 0..<32 { row.numbers[32 * block + index] = source[start + 2 + index] }
          continue
        }
        let isShifted = self == .q4x0
        row.minima.append(
          isShifted
            ? -8 * scale : source.loadUnaligned(fromByteOffset: start + 2, as: Float16.self))
        let first = start + (isShifted ? 2 : 4)
        for index in 0..<16 {
          row.numbers[32 * block + index] = source[first + index] & 15
          row.numbers[32 * block + index + 16] = source[first + index] >> 4
        }
      }
    }
    return row
  }
}
