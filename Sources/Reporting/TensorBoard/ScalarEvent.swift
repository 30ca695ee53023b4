/// TensorBoard's `Event` message, as far as scalars need it: field numbers are those of
/// tensorflow/core/util/event.proto and tensorflow/core/framework/summary.proto.
enum ScalarEvent {
  /// The first record of every file.
  static func version(wallTime: Double) -> [UInt8] {
    record(double(1, wallTime) + bytes(3, Array("brain.Event:2".utf8)))
  }

  /// The scalars of one step.
  static func step(_ step: Int, wallTime: Double, _ values: [(tag: String, value: Float)])
    -> [UInt8]
  {
    let summary = values.flatMap { tag, value in
      bytes(1, bytes(1, Array(tag.utf8)) + float(2, value))
    }
    return record(
      double(1, wallTime) + varint(2 << 3) + varint(UInt64(bitPattern: Int64(step)))
        + bytes(5, summary))
  }

  /// A TFRecord: its length and its data, each with a checksum.
  private static func record(_ data: [UInt8]) -> [UInt8] {
    let length = littleEndian(UInt64(data.count))
    return length + littleEndian(CyclicChecksum.masked(length)) + data
      + littleEndian(CyclicChecksum.masked(data))
  }

  private static func double(_ field: UInt64, _ value: Double) -> [UInt8] {
    varint(field << 3 | 1) + littleEndian(value.bitPattern)
  }

  private static func float(_ field: UInt64, _ value: Float) -> [UInt8] {
    varint(field << 3 | 5) + littleEndian(value.bitPattern)
  }

  private static func bytes(_ field: UInt64, _ value: [UInt8]) -> [UInt8] {
    varint(field << 3 | 2) + varint(UInt64(value.count)) + value
  }

  private static func varint(_ value: UInt64) -> [UInt8] {
    var rest = value
    var result: [UInt8] = []
    while rest >= 0x80 {
      result.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    return result + [UInt8(rest)]
  }

  private static func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    (0..<value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
  }
}
