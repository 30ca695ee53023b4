import Foundation
import Glibc
import Testing

@testable import Datasets

@Suite struct RowScannerTests {
  private func scan(_ bytes: [UInt8], named name: String, limit: Int = 1000) throws -> [RawRow] {
    try withFile(bytes, named: name) { path in
      var scanner = try RowScanner(path: path, rowLimit: limit)
      var rows: [RawRow] = []
      while let row = try scanner.next() { rows.append(row) }
      return rows
    }
  }

  private func scan(_ text: String, named name: String = "a.json") throws -> [String] {
    try scan(Array(text.utf8), named: name).map {
      "\($0.row):\($0.line):" + String(decoding: $0.bytes, as: UTF8.self)
    }
  }

  @Test func linesAreRowsAndBlankLinesAreNot() throws {
    #expect(try scan("{\"a\":1}\n\n  {\"a\":2}\n") == ["1:1:{\"a\":1}", "2:3:{\"a\":2}"])
  }

  @Test func elementsAreRowsWhereverTheyBreak() throws {
    let text = "[\n {\"a\": \"],[\\\"\"},\n\n {\"b\":\n [1, 2]}]\n"
    #expect(
      try scan(text) == ["1:2:{\"a\": \"],[\\\"\"}", "2:4:{\"b\":\n [1, 2]}"])
  }

  @Test func aLineMayBeABareList() throws {
    #expect(try scan("[{}]\n[{}]\n", named: "a.jsonl") == ["1:1:[{}]", "2:2:[{}]"])
    #expect(try scan("[{},\n{}]", named: "a.jsonl") == ["1:1:{}", "2:2:{}"])
    #expect(try scan("[{}, {}]", named: "a.json") == ["1:1:{}", "2:1:{}"])
    #expect(try scan("[]") == [])
    #expect(try scan("\u{FEFF}[1]") == ["1:1:1"])
  }

  @Test func gzipIsUndone() throws {
    // `{"text":"zip"}` twice, compressed at run time by gzip's stored blocks.
    let bytes = gzipped(Array("{\"text\":\"zip\"}\n{\"text\":\"zip\"}\n".utf8))
    #expect(try scan(bytes, named: "a.jsonl.gz").map(\.row) == [1, 2])
    #expect(throws: DatasetError.self) {
      try scan(Array(bytes.dropLast(6)), named: "a.jsonl.gz")
    }
  }

  @Test(arguments: ["[{}", "[{},", "[{},]", "[{} {}]x", "[{}],", "[,{}]", "[\"a"])
  func anArrayThatIsNotOneIsRefused(text: String) {
    #expect(throws: DatasetError.self) { try scan(text) }
  }

  @Test func aRowHasALimit() throws {
    let long = Array("{\"a\":\"\(String(repeating: "x", count: 2000))\"}".utf8)
    #expect(throws: DatasetError.self) { try scan(long, named: "a.jsonl") }
    #expect(throws: DatasetError.self) { try scan([0x5B] + long + [0x5D], named: "a.json") }
  }

  @Test func whatIsNotAFileIsRefusedWithoutWaiting() throws {
    #expect(throws: DatasetError.notAFile(path: "/dev/zero", kind: "a device")) {
      try RowReading().read("/dev/zero")
    }
    #expect(throws: DatasetError.missing(path: "/nonexistent/rows")) {
      try RowReading().read("/nonexistent/rows")
    }
    let pipe = FileManager.default.temporaryDirectory.path + "/pipe-\(UUID().uuidString)"
    #expect(mkfifo(pipe, 0o600) == 0)
    defer { unlink(pipe) }
    #expect(throws: DatasetError.notAFile(path: pipe, kind: "a named pipe")) {
      try RowReading().read(pipe)
    }
  }

  /// RFC 1952 with one stored block, its checksum and its length.
  private func gzipped(_ bytes: [UInt8]) -> [UInt8] {
    var checksum: UInt32 = 0xFFFF_FFFF
    for byte in bytes {
      checksum ^= UInt32(byte)
      for _ in 0..<8 { checksum = checksum & 1 == 1 ? checksum >> 1 ^ 0xEDB8_8320 : checksum >> 1 }
    }
    let length = UInt16(bytes.count)
    var file: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 1]
    file += [UInt8(length & 255), UInt8(length >> 8), UInt8(~length & 255), UInt8(~length >> 8)]
    file += bytes
    for word in [~checksum, UInt32(bytes.count)] {
      file += (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * UInt32($0))) }
    }
    return file
  }
}
