/// Numbers as files hold them, to floats and back; the loops are plain, so that they vectorise.
enum FloatConversion {
  /// Widens the elements of `bytes`, whose type is one of the float types, into `floats`.
  static func decode(
    _ elementType: ElementType, _ bytes: RawSpan, into floats: inout MutableSpan<Float>
  ) {
    precondition(
      bytes.byteCount == floats.count * (elementType.bits / 8),
      "cannot read \(floats.count) elements from \(bytes.byteCount) bytes")
    let count = floats.count
    bytes.withUnsafeBytes { source in
      floats.withUnsafeMutableBufferPointer { destination in
        guard count > 0, let input = source.baseAddress, let output = destination.baseAddress
        else { return }
        switch elementType {
        case .float32: UnsafeMutableRawPointer(output).copyMemory(from: input, byteCount: count * 4)
        case .bfloat16:
          for index in 0..<count {
            let bits = input.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self)
            output[index] = Float(bitPattern: UInt32(bits) << 16)
          }
        case .float16:
          for index in 0..<count {
            output[index] = Float(
              input.loadUnaligned(fromByteOffset: index * 2, as: Float16.self))
          }
        case .float64:
          for index in 0..<count {
            output[index] = Float(input.loadUnaligned(fromByteOffset: index * 8, as: Double.self))
          }
        default: preconditionFailure("\(elementType) is no float type")
        }
      }
    }
  }

  /// Rounds floats to nearest, ties to even, into little-endian elements of a float type.
  ///
  /// NaN stays NaN; what is too large becomes infinite.
  static func encode(_ floats: Span<Float>, as elementType: ElementType) -> [UInt8] {
    let count = floats.count
    let size = elementType.bits / 8
    return [UInt8](unsafeUninitializedCapacity: count * size) { bytes, initialized in
      initialized = count * size
      guard count > 0, let start = bytes.baseAddress else { return }
      let output = UnsafeMutableRawPointer(start)
      floats.withUnsafeBufferPointer { input in
        switch elementType {
        case .float32:
          if let values = input.baseAddress {
            output.copyMemory(from: values, byteCount: count * 4)
          }
        case .bfloat16:
          for index in 0..<count {
            output.storeBytes(of: bfloat16(input[index]), toByteOffset: index * 2, as: UInt16.self)
          }
        case .float16:
          for index in 0..<count {
            output.storeBytes(of: Float16(input[index]), toByteOffset: index * 2, as: Float16.self)
          }
        case .float64:
          for index in 0..<count {
            output.storeBytes(of: Double(input[index]), toByteOffset: index * 8, as: Double.self)
          }
        default: preconditionFailure("\(elementType) is no float type")
        }
      }
    }
  }

  /// The nearest bfloat16; adding just under half of the last place kept, and its own last bit,
  /// carries exactly where rounding to even goes up.
  @inline(__always)
  static func bfloat16(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    let rounded = (bits &+ 0x7FFF &+ ((bits >> 16) & 1)) >> 16
    let quiet = (bits >> 16) | 0x40
    return UInt16(truncatingIfNeeded: bits & 0x7FFF_FFFF > 0x7F80_0000 ? quiet : rounded)
  }
}
