import Artifacts
import Collectives
import JSON

/// What has been done of a part of the work, line by line, so that an interruption costs no more than a block.
///
/// A line begins with the first half of its digest: what was being written when the power went, and what was changed since, is
/// done again. The first rank writes; all have the same lines.
struct SuiteLog {
  private let path: String
  private let communicator: any Communicator
  private(set) var lines: [JSON] = []
  /// Whether nothing is left to do.
  private(set) var isFinished = false

  init(_ path: String, _ communicator: any Communicator) throws {
    self.path = path
    self.communicator = communicator
    var bytes: [UInt8] = []
    if communicator.rank == 0 { bytes = try SuiteLog.whole(path) }
    try communicator.broadcast(&bytes, from: 0)
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      let json = try JSON(parsing: line.dropFirst(SuiteLog.digestLength + 1))
      if json["finished"]?.bool == true { isFinished = true } else { lines.append(json) }
    }
  }

  mutating func append(_ new: [JSON]) throws {
    lines += new
    try write(new)
  }

  mutating func finish() throws {
    isFinished = true
    try write([["finished": true]])
  }

  private func write(_ new: [JSON]) throws {
    guard communicator.rank == 0 else { return }
    var bytes: [UInt8] = []
    for json in new {
      let text = json.serialized(.compact)
      bytes += Array("\(SuiteLog.digest(Array(text.utf8))) \(text)\n".utf8)
    }
    try Files.append(bytes, to: path)
  }

  private static let digestLength = 32

  private static func digest(_ bytes: [UInt8]) -> String {
    String(Digest.of(bytes).hex.prefix(digestLength))
  }

  /// The file up to the first line that is not as it was written; the rest is cut off.
  private static func whole(_ path: String) throws -> [UInt8] {
    guard Files.exists(path) else {
      try Files.makeDirectory(Files.directory(of: path))
      return []
    }
    let bytes = try Files.read(path, limit: 1 << 34)
    var end = 0
    while let newline = bytes[end...].firstIndex(of: UInt8(ascii: "\n")) {
      let line = bytes[end..<newline]
      guard line.count > digestLength, line[line.startIndex + digestLength] == UInt8(ascii: " "),
        Array(digest(Array(line.dropFirst(digestLength + 1))).utf8)
          == Array(line.prefix(digestLength))
      else { break }
      end = newline + 1
    }
    if end < bytes.count { try Files.replace(path, with: Array(bytes[..<end])) }
    return Array(bytes[..<end])
  }
}
