/// How GGUF stores a tensor's numbers: plain, or in blocks that share a scale.
///
/// The layouts are those of ggml (`ggml-common.h`); the widened values are the float32 results of
/// its reference dequantisation, to the bit.
enum GGUFEncoding: UInt32, Sendable {
  case float32 = 0
  case float16 = 1
  case q4x0 = 2
  case q4x1 = 3
  case q8x0 = 8
  case q6k = 14
  case bfloat16 = 30

  /// The names of those that are known and not read.
  static let unsupported: [UInt32: String] = [
    6: "Q5_0", 7: "Q5_1", 9: "Q8_1", 10: "Q2_K", 11: "Q3_K", 12: "Q4_K", 13: "Q5_K", 15: "Q8_K",
    16: "IQ2_XXS", 17: "IQ2_XS", 18: "IQ3_XXS", 19: "IQ1_S", 20: "IQ4_NL", 21: "IQ3_S",
    22: "IQ2_S", 23: "IQ4_XS", 24: "I8", 25: "I16", 26: "I32", 27: "I64", 28: "F64", 29: "IQ1_M",
    34: "TQ1_0", 35: "TQ2_0", 39: "MXFP4",
  ]

  /// What a reader sees: the type itself, or float32 for blocks.
  var elementType: ElementType {
    switch self {
    case .float16: .float16
    case .bfloat16: .bfloat16
    default: .float32
    }
  }

  var blockElements: Int {
    switch self {
    case .float32, .float16, .bfloat16: 1
    case .q4x0, .q4x1, .q8x0: 32
    case .q6k: 256
    }
  }

  var blockBytes: Int {
    switch self {
    case .float32: 4
    case .float16, .bfloat16: 2
    case .q4x0: 18
    case .q4x1: 20
    case .q8x0: 34
    case .q6k: 210
    }
  }

  /// The bytes of a tensor whose size has been checked; its rows are whole blocks.
  func byteCount(_ name: String, _ shape: [Int]) throws(GGUFFault) -> Int {
    guard let columns = shape.last, columns % blockElements == 0 else {
      throw .invalidShape(
        tensor: name, shape: shape.map { UInt64($0) },
        reason: "its rows are not whole blocks of \(blockElements)")
    }
    return shape.reduce(1, *) / blockElements * blockBytes
  }

  /// Widens whole blocks.
  func decode(_ bytes: RawSpan, into floats: inout MutableSpan<Float>) {
    let blocks = floats.count / blockElements
    precondition(
      bytes.byteCount == blocks * blockBytes && floats.count == blocks * blockElements,
      "cannot read \(floats.count) elements from \(bytes.byteCount) bytes")
    if blockElements == 1 { return FloatConversion.decode(elementType, bytes, into: &floats) }
    bytes.withUnsafeBytes { source in
      floats.withUnsafeMutableBufferPointer { destination in
        guard var input = source.baseAddress, var output = destination.baseAddress else { return }
        for _ in 0..<blocks {
          switch self {
          case .q4x0: GGUFEncoding.widenQ4(input, 2, output, zero: 8)
          case .q4x1: GGUFEncoding.widenQ4(input, 4, output, zero: 0)
          case .q8x0: GGUFEncoding.widenQ8(input, output)
          default: GGUFEncoding.widenQ6(input, output)
          }
          input += blockBytes
          output += blockElements
        }
      }
    }
  }

  @inline(__always)
  private static func half(_ input: UnsafeRawPointer, _ offset: Int) -> Float {
    Float(input.loadUnaligned(fromByteOffset: offset, as: Float16.self))
  }

  /// Widens 32 elements of 4 bits: `scale · (q − zero) + minimum`.
  ///
  /// The low halves of the 16 bytes are the first 16 elements, the high halves the last; Q4_1 has
  /// its minimum before the bytes, Q4_0 has none.
  @inline(__always)
  private static func widenQ4(
    _ input: UnsafeRawPointer, _ start: Int, _ output: UnsafeMutablePointer<Float>, zero: Float
  ) {
    let scale = half(input, 0)
    // Adding −0 leaves every number as it is, and Q4_0's negative zeros negative.
    let minimum: Float = start == 4 ? half(input, 2) : -0.0
    let bytes = input.loadUnaligned(fromByteOffset: start, as: SIMD16<UInt8>.self)
    let low = SIMD16<Float>(bytes & 0x0F) - zero
    let high = SIMD16<Float>(bytes &>> 4) - zero
    let target = UnsafeMutableRawPointer(output)
    target.storeBytes(of: low * scale + minimum, as: SIMD16<Float>.self)
    target.storeBytes(of: high * scale + minimum, toByteOffset: 64, as: SIMD16<Float>.self)
  }

  /// 32 elements of 8 bits with a scale.
  @inline(__always)
  private static func widenQ8(_ input: UnsafeRawPointer, _ output: UnsafeMutablePointer<Float>) {
    let scale = half(input, 0)
    for index in 0..<32 {
      output[index] = Float(input.load(fromByteOffset: 2 + index, as: Int8.self)) * scale
    }
  }

  /// 256 elements of 6 bits in two halves: 128 bytes of low nibbles, 64 of high pairs, 16 signed
  /// scales (one for 16 elements), one scale for all.
  private static func widenQ6(_ input: UnsafeRawPointer, _ output: UnsafeMutablePointer<Float>) {
    let scale = half(input, 208)
    for part in 0..<2 {
      let low = input + part * 64
      let high = input + 128 + part * 32
      let scales = input + 192 + part * 8
      for quarter in 0..<4 {
        let nibbles = low + (quarter & 1) * 32
        let shift = UInt8(quarter >> 1) * 4
        for index in 0..<32 {
          let bits = (nibbles.load(fromByteOffset: index, as: UInt8.self) &>> shift) & 0x0F
          let pair = (high.load(fromByteOffset: index, as: UInt8.self) &>> UInt8(quarter * 2)) & 3
          let quantum = Float(Int(bits | pair << 4) - 32)
          let local = scales.load(fromByteOffset: quarter * 2 + index / 16, as: Int8.self)
          output[part * 128 + quarter * 32 + index] = scale * Float(local) * quantum
        }
      }
    }
  }
}
