import Artifacts
import JSON
import OrderedCollections
import Testing

@testable import zhinao_align

/// What a terminal is shown.
@Suite struct TextTests {
  @Test func escapeSequencesAreLeftOut() {
    #expect("a\u{1B}[31mb\u{1B}[0m\u{7}c".printable() == "abc")
    #expect("\u{1B}]0;title\u{7}name".printable() == "name")
    #expect("\u{9B}2Jx\u{202E}y".printable() == "xy")
    #expect("one\ntwo".printable() == "one two")
    #expect("one\ntwo".printable(keepingLines: true) == "one\ntwo")
    #expect("智脑 👍".printable() == "智脑 👍")
  }

  /// 智 and 脑 take two columns each, é is e with a mark that takes none.
  @Test func wideCharactersTakeTwoColumns() {
    #expect("智脑".columns == 4)
    #expect("e\u{301}".columns == 1)
    #expect("👍".columns == 2)
    #expect("智脑对齐".fitted(to: 5) == "智脑…")
    #expect("智脑".padded(to: 6) == "智脑  ")
  }

  @Test func columnsOfATableStandUnderEachOther() {
    var table = Table(["stage", "time"], rightAligned: [1])
    table.rows = [["智脑", "1.0 s"], ["sft", "12 s"]]
    #expect(table.lines == [" stage   time", " 智脑   1.0 s", " sft     12 s"])
  }

  @Test func aLongLastColumnGoesOnBelow() {
    var table = Table(["stage", "figures"])
    table.rows = [["智脑", "loss 1.5 → 1.25, accuracy 0.5 → 0.75"], ["sft", "loss 2"]]
    #expect(
      table.lines(wrappedTo: 36) == [
        " stage  figures", " 智脑   loss 1.5 → 1.25,", "        accuracy 0.5 → 0.75",
        " sft    loss 2",
      ])
  }

  @Test func aWideTableIsFolded() {
    var table = Table(["model", "accuracy", "win_rate"], rightAligned: [1, 2])
    table.rows = [["智脑", "0.500", "0.750"]]
    #expect(
      table.lines(foldedTo: 80) == [" model  accuracy  win_rate", " 智脑      0.500     0.750"])
    #expect(
      table.lines(foldedTo: 20) == [
        " model  accuracy", " 智脑      0.500", "", " model  win_rate", " 智脑      0.750",
      ])
  }

  /// What a stage gained stands first; what it only counted, behind.
  @Test func figuresSayFromWhereToWhere() {
    let summary: OrderedDictionary<String, Double> = [
      "pairs": 12, "accuracy": 0.75, "accuracy/first": 0.5, "loss": .nan,
    ]
    let record = RunRecord(
      key: ["kind": "reward"], recipe: "r", stage: "s", settings: [:], inputs: [],
      summary: summary, started: "")
    #expect(RunFigures(record).text == "accuracy 0.5 → 0.75, pairs 12")
    let first = RunRecord(
      key: ["kind": "score"], recipe: "r", stage: "online/1/score", settings: [:], inputs: [],
      summary: ["scores/mean": 1.5], started: "")
    var last = first
    last.stage = "online/2/score"
    last.summary = ["scores/mean": 2]
    #expect(RunFigures(last, before: first).text == "scores/mean 1.5 → 2")
    var measured = first
    measured.key = ["kind": "evaluate"]
    measured.summary = ["a/accuracy": 0.5, "a/win_rate": 0.25, "智/accuracy": 1, "a/loss": 3]
    #expect(RunFigures(measured).text == "accuracy a 0.5, 智 1; win_rate a 0.25")
  }

  @Test func aReportsTableIsShownAsATable() {
    let markdown = "# Evaluation\n\n| model | accuracy |\n|---|---:|\n| 智脑 | 0.5 |\n\nIt is so.\n"
    #expect(
      ReportTable.lines(markdown, width: 80) == [
        " model  accuracy", " 智脑        0.5", "", "It is so.",
      ])
    let several =
      "| model | a |\n|---|---:|\n| m | 1 |\n\n## gsm8k\n\n| model | b |\n|---|---:|\n| m | 2 |\n"
    #expect(
      ReportTable.lines(several, width: 80) == [
        " model  a", " m      1", "", "gsm8k", " model  b", " m      2", "",
      ])
  }

  @Test func amountsAreShort() {
    #expect(Amount.bytes(0) == "0 bytes")
    #expect(Amount.bytes(1536) == "1.5 KiB")
    #expect(Amount.bytes(220_200_960) == "210 MiB")
    #expect(Amount.duration(0.44) == "0.4 s")
    #expect(Amount.duration(192) == "3:12")
    #expect(Amount.duration(3723) == "1:02:03")
    #expect(Amount.figure(0.51234) == "0.5123")
    #expect(Amount.figure(1_234_567) == "1,234,567")
    #expect(Amount.figure(.nan) == "–")
  }

  @Test func aStopTextIsFoundAcrossPieces() {
    var stop = StopText(["END"])
    #expect(stop.push("one E") == "one ")
    #expect(stop.push("very ") == "Every ")
    #expect(stop.push("EN") == "")
    #expect(stop.push("D and more") == "")
    #expect(stop.isStopped)
    #expect(stop.text == "one Every ")
  }

  @Test func whatOnlyBeganAStopTextIsShownInTheEnd() {
    var stop = StopText(["\n\n"])
    #expect(stop.push("line\n") == "line")
    #expect(stop.finish() == "\n")
  }

  @Test func wordsAreQuotedForAShell() {
    #expect(RunFailure.quoted("recipes/a.yaml") == "recipes/a.yaml")
    #expect(RunFailure.quoted("it's here") == #"'it'\''s here'"#)
    #expect(RunFailure.quoted("") == "''")
  }

  @Test func aWeightIsBehindTheLastColon() {
    #expect(Merge.model("models/a:0.5") == ("models/a", 0.5))
    #expect(Merge.model("models/a:b") == ("models/a:b", nil))
    #expect(Merge.model("a:1:2") == ("a:1", 2))
  }
}
