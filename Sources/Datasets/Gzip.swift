internal import CZlib

/// Why bytes could not be packed or unpacked.
public enum GzipError: Error, Equatable, CustomStringConvertible {
  case damaged(reason: String)
  case tooLarge(limit: Int)

  public var description: String {
    switch self {
    case .damaged(let reason): "the gzip stream is damaged: \(reason)"
    case .tooLarge(let limit): "the gzip stream holds more than \(limit) bytes"
    }
  }
}

/// Gzip streams in memory: without a name or a time in them, so that the same bytes give the same stream.
///
/// Streams one after another are a stream of all that they hold.
public enum Gzip {
  private static let automatic: Int32 = 15 + 32
  private static let written: Int32 = 15 + 16

  public static func isCompressed(_ bytes: [UInt8]) -> Bool {
    bytes.starts(with: [0x1F, 0x8B])
  }

  public static func compressed(_ bytes: [UInt8]) throws(GzipError) -> [UInt8] {
    var stream = z_stream()
    let size = Int32(MemoryLayout<z_stream>.size)
    guard
      deflateInit2_(
        &stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, written, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
        size) == Z_OK
    else { throw .damaged(reason: "zlib cannot begin") }
    defer { deflateEnd(&stream) }
    var result: [UInt8] = []
    var input = bytes
    let isDone = run(&stream, &input, into: &result, limit: .max) { deflate(&$0, Z_FINISH) }
    guard isDone else { throw .damaged(reason: "zlib cannot go on") }
    return result
  }

  /// What all streams of `bytes` hold, of at most `limit` bytes.
  public static func decompressed(_ bytes: [UInt8], limit: Int) throws(GzipError) -> [UInt8] {
    var stream = z_stream()
    let size = Int32(MemoryLayout<z_stream>.size)
    guard inflateInit2_(&stream, automatic, ZLIB_VERSION, size) == Z_OK else {
      throw .damaged(reason: "zlib cannot begin")
    }
    defer { inflateEnd(&stream) }
    var result: [UInt8] = []
    var rest = bytes
    while !rest.isEmpty {
      let isDone = run(&stream, &rest, into: &result, limit: limit) { inflate(&$0, Z_NO_FLUSH) }
      if result.count > limit { throw .tooLarge(limit: limit) }
      guard isDone else {
        throw .damaged(reason: stream.msg.map { String(cString: $0) } ?? "it ends early")
      }
      guard inflateReset(&stream) == Z_OK else { throw .damaged(reason: "zlib cannot go on") }
    }
    return result
  }

  /// Takes steps to the end of a stream; what was not read of `input` is left there.
  private static func run(
    _ stream: inout z_stream, _ input: inout [UInt8], into result: inout [UInt8], limit: Int,
    _ step: (inout z_stream) -> Int32
  ) -> Bool {
    var code = Z_OK
    var used = 0
    input.withUnsafeMutableBufferPointer { buffer in
      while code == Z_OK, result.count <= limit {
        let available = min(buffer.count - used, 1 << 30)
        stream.next_in = buffer.baseAddress?.advanced(by: used)
        stream.avail_in = UInt32(available)
        var count = 0
        let piece = [UInt8](unsafeUninitializedCapacity: 1 << 16) { output, filled in
          stream.next_out = output.baseAddress
          stream.avail_out = UInt32(output.count)
          code = step(&stream)
          count = output.count - Int(stream.avail_out)
          filled = count
        }
        let taken = available - Int(stream.avail_in)
        used += taken
        result += piece
        if taken == 0, count == 0 { break }
      }
    }
    input.removeFirst(used)
    return code == Z_STREAM_END
  }
}
