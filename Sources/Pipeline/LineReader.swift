internal import Glibc

/// Lines out of a descriptor, as they come.
struct LineReader {
  private var pending: [UInt8] = []
  /// A line longer than this is dropped: events are short, and memory is not the child's.
  private static let limit = 1 << 24

  /// Waits at most so many milliseconds; false when there is no more to come, or nothing now and
  /// no wait was wanted.
  mutating func read(
    _ descriptor: Int32, waiting milliseconds: Int32, _ take: (String) throws -> Void
  ) throws -> Bool {
    var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    let ready = poll(&request, 1, milliseconds)
    if ready <= 0 { return milliseconds > 0 }
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let count = buffer.withUnsafeMutableBytes {
      Glibc.read(descriptor, $0.baseAddress, $0.count)
    }
    if count < 0 { return errno == EINTR || errno == EAGAIN }
    if count == 0 { return false }
    for byte in buffer[..<count] {
      if byte == UInt8(ascii: "\n") {
        let line = String(decoding: pending, as: UTF8.self)
        pending.removeAll(keepingCapacity: true)
        try take(line)
      } else if pending.count < LineReader.limit {
        pending.append(byte)
      }
    }
    return true
  }
}
