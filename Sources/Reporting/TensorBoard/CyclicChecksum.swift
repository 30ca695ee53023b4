/// CRC-32C (Castagnoli, RFC 3720 B.4), and TensorFlow's mask over it.
enum CyclicChecksum {
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { value, _ in
      value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1
    }
  }

  static func castagnoli(_ bytes: some Sequence<UInt8>) -> UInt32 {
    ~bytes.reduce(UInt32.max) { value, byte in
      table[Int((value ^ UInt32(byte)) & 0xFF)] ^ value >> 8
    }
  }

  /// As a TFRecord holds it, so that the checksum of data with checksums in them stays a good one.
  static func masked(_ bytes: some Sequence<UInt8>) -> UInt32 {
    let value = castagnoli(bytes)
    return (value >> 15 | value << 17) &+ 0xA282_EAD8
  }
}
