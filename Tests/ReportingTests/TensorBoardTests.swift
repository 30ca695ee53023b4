import Artifacts
import Glibc
import Testing

@testable import Reporting

@Suite struct TensorBoardTests {
  @Test func theChecksumIsThatOfTheStandard() {
    // RFC 3720, B.4: 32 bytes of zeros, of ones, and ascending.
    #expect(CyclicChecksum.castagnoli([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
    #expect(CyclicChecksum.castagnoli([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
    #expect(CyclicChecksum.castagnoli((0..<32).map { UInt8($0) }) == 0x46DD_794E)
  }

  @Test func anEventIsTheMessageThatTensorBoardReads() {
    let record = ScalarEvent.step(3, wallTime: 1, [("loss", 0.5)])
    let message: [UInt8] = [
      0x09, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F,  // wall_time: 1
      0x10, 3,  // step: 3
      0x2A, 13, 0x0A, 11,  // summary { value {
      0x0A, 4, 0x6C, 0x6F, 0x73, 0x73,  // tag: "loss"
      0x15, 0, 0, 0, 0x3F,  // simple_value: 0.5
    ]
    #expect(Array(record.prefix(8)) == [UInt8(message.count), 0, 0, 0, 0, 0, 0, 0])
    #expect(Array(record[12..<12 + message.count]) == message)
    #expect(record.count == 16 + message.count)
  }

  @Test func theLogFollowsTheMetricsAndLeavesOutHalfALine() throws {
    var template = Array("/tmp/reporting.XXXXXX".utf8CString)
    let logs = String(cString: try #require(mkdtemp(&template)))
    defer { try? Files.remove(logs) }
    var log = TensorBoardLog(logs: logs)
    log.catchUp()
    let path = "\(logs)/tensorboard/sft/events.out.tfevents.0000000000.zhinao-align"
    #expect(!Files.exists(path))
    let metrics = "\(logs)/metrics.jsonl"
    try Files.append(
      Array("{\"stage\":\"sft\",\"step\":1,\"loss\":2}\n{\"stage\":".utf8), to: metrics)
    log.catchUp()
    let first = try Files.read(path).count
    log.catchUp()
    #expect(try Files.read(path).count == first)
    try Files.append(Array("\"sft\",\"step\":2,\"loss\":1}\n".utf8), to: metrics)
    log.catchUp()
    let step = ScalarEvent.step(2, wallTime: 0, [("loss", 1)]).count
    #expect(try Files.read(path).count == first + step)
  }
}
