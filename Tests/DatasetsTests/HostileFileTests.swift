import Randomness
import Testing

@testable import Datasets

@Suite struct HostileFileTests {
  /// Bytes changed, cut and repeated at random: each file is read or refused, and nothing traps.
  @Test func damagedFilesAreReadOrRefused() throws {
    let seeds = [
      #"[{"messages":[{"role":"user","content":"a"},{"role":"gpt","content":"b"}]},"#
        + "\n"
        + #"{"messages":[{"role":"user","content":"\u00e9"},{"role":"bot","content":"d"}]}]"#,
      #"{"chosen":"\n\nHuman: q\n\nAssistant: a","rejected":"\n\nHuman: q\n\nAssistant: b"}"#
        + "\n" + #"{"chosen":"\n\nHuman:","rejected":"\n\nHuman:\n\nAssistant:"}"#,
      #"{"problem":"q","solution":"\\boxed{1{2}}","answer":null}"#
        + "\n" + #"{"question":"q","answer":"x #### "}"#,
    ]
    let random = CoordinateRandom(seed: 11, stream: "damage")
    var readable = 0
    for trial in 0..<600 {
      var bytes = Array(seeds[trial % seeds.count].utf8)
      for change in 0..<1 + trial % 5 {
        let draw = { (bound: Int, what: UInt64) in
          random.below(bound, UInt64(trial), UInt64(change) << 8 | what)
        }
        let place = draw(max(bytes.count, 1), 0)
        guard place < bytes.count else { break }
        switch draw(4, 1) {
        case 0: bytes[place] = UInt8(draw(256, 2))
        case 1: bytes.remove(at: place)
        case 2: bytes.insert(contentsOf: Array("[]{}\",:\\\n\0".utf8)[...draw(10, 3)], at: place)
        default: bytes = Array(bytes[...place])
        }
      }
      try withFile(bytes, named: trial.isMultiple(of: 2) ? "a.json" : "a.jsonl") { path in
        do {
          let set = try RowReading(malformed: .skip).read(path)
          readable += set.rows.isEmpty ? 0 : 1
        } catch is DatasetError {}
      }
    }
    #expect((1..<600).contains(readable))
  }
}
