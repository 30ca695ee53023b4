import Datasets
import Testing

@Suite struct GzipTests {
  @Test func bytesComeBack() throws {
    for count in [0, 1, 1 << 12, 300_000] {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }
      let packed = try Gzip.compressed(bytes)
      #expect(Gzip.isCompressed(packed))
      #expect(try Gzip.decompressed(packed, limit: count) == bytes)
    }
  }

  @Test func streamsOneAfterAnotherAreOne() throws {
    let both = try Gzip.compressed(Array("one\n".utf8)) + Gzip.compressed(Array("two\n".utf8))
    #expect(try Gzip.decompressed(both, limit: 100) == Array("one\ntwo\n".utf8))
  }

  /// The bytes 4 to 7 of a stream are its time: none.
  @Test func theSameBytesGiveTheSameStream() throws {
    let bytes = Array("the same".utf8)
    let packed = try Gzip.compressed(bytes)
    #expect(try Gzip.compressed(bytes) == packed)
    #expect(packed[4..<8].allSatisfy { $0 == 0 })
  }

  @Test func damageAndBombsAreRefused() throws {
    var packed = try Gzip.compressed(
      (0..<1 << 16).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) })
    #expect(throws: GzipError.tooLarge(limit: 1000)) {
      try Gzip.decompressed(packed, limit: 1000)
    }
    #expect(throws: GzipError.self) {
      try Gzip.decompressed(Array(packed.dropLast(9)), limit: 1 << 21)
    }
    packed[packed.count / 2] ^= 1
    #expect(throws: GzipError.self) { try Gzip.decompressed(packed, limit: 1 << 21) }
    #expect(throws: GzipError.self) { try Gzip.decompressed(Array("plain".utf8), limit: 10) }
  }
}
