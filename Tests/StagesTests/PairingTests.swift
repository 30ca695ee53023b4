import Artifacts
import Datasets
import Generation
import JSON
import OrderedCollections
import Pipeline
import Testing
import Text

@testable import Stages

/// A row of answers: text, score, tokens, whether it ended.
private func row(
  _ answers: [(text: String, score: Double, length: Int, ended: Bool)]
) -> CompletionRow {
  CompletionRow(
    row: 3, prompt: .messages([.init(role: "user", content: "q")]), answer: nil,
    completions: answers.map { answer in
      SampledCompletion(
        text: answer.text,
        completion: Completion(
          tokens: [Int32](repeating: 1, count: answer.length),
          logProbabilities: [Float](repeating: -1, count: answer.length),
          finishReason: answer.ended ? .stop : .length))
    }, scores: answers.map(\.score))
}

@Test func theBestAnswerIsPairedWithTheWorst() {
  let found = PairingRule(PairingSettings()).pairs(
    row([("a", 0.5, 3, true), ("b", 2, 3, true), ("c", -1, 3, true), ("d", 1, 3, true)]))
  #expect(found.pairs == [.init(chosen: 1, rejected: 2)])
  #expect(found.lack == nil)
}

/// Margins: b−c 3; then, without them, d−a 0.5.
@Test func moreThanOnePairSharesNoAnswer() {
  var settings = PairingSettings()
  settings.pairsPerPrompt = 3
  let found = PairingRule(settings).pairs(
    row([("a", 0.5, 3, true), ("b", 2, 3, true), ("c", -1, 3, true), ("d", 1, 3, true)]))
  #expect(found.pairs == [.init(chosen: 1, rejected: 2), .init(chosen: 3, rejected: 0)])
}

@Test func anAnswerThatNeverEndedIsNotPaired() {
  let answers = [("a", 5.0, 3, false), ("b", 2, 3, true), ("c", 1, 3, true), ("d", -9, 3, false)]
  let found = PairingRule(PairingSettings()).pairs(row(answers))
  #expect(found.pairs == [.init(chosen: 1, rejected: 2)])
  var settings = PairingSettings()
  settings.requireStop = false
  #expect(PairingRule(settings).pairs(row(answers)).pairs == [.init(chosen: 0, rejected: 3)])
}

@Test func answersThatSayTheSameAreOne() {
  let found = PairingRule(PairingSettings()).pairs(
    row([("a", 1, 3, true), (" a\n", -4, 3, true), ("b", 0, 3, true), ("  ", -9, 3, true)]))
  #expect(found.pairs == [.init(chosen: 0, rejected: 2)])
}

@Test func aPromptWithoutAPairSaysWhy() {
  var settings = PairingSettings()
  settings.minMargin = 0.5
  settings.maxLengthRatio = 2
  let rule = PairingRule(settings)
  #expect(rule.pairs(row([("a", 1, 3, true), ("a", 0, 3, true)])).lack == .answers)
  #expect(rule.pairs(row([("a", 1, 3, true), ("b", 1, 3, true)])).lack == .tie)
  #expect(rule.pairs(row([("a", 1, 3, true), ("b", 0.75, 3, true)])).lack == .margin)
  #expect(rule.pairs(row([("a", 1, 7, true), ("b", 0, 3, true)])).lack == .length)
  #expect(rule.pairs(row([("a", 1, 6, true), ("b", 0.5, 3, true)])).lack == nil)
}

/// The pair of greatest margin is too unequal in length; the next one is not.
@Test func theWidestFairPairIsTaken() {
  var settings = PairingSettings()
  settings.maxLengthRatio = 2
  let found = PairingRule(settings).pairs(
    row([("a", 9, 30, true), ("b", 5, 10, true), ("c", 0, 8, true)]))
  #expect(found.pairs == [.init(chosen: 1, rejected: 2)])
}

@Test func pairsAreRowsThatTrainingReads() throws {
  let toys = try ToyModels()
  let rows = [
    row([("good", 2, 4, true), ("bad", 0, 3, true)]),
    row([("same", 1, 4, true), ("other", 1, 5, true)]),
  ]
  let file = try toys.write(
    String(decoding: CompletionRow.lines(rows), as: UTF8.self), "scores/scores.jsonl")
  let (output, events) = try toys.run(PairStage.self, inputs: ["scores": [file]])
  let read = try RowReading().read("\(output)/pairs.jsonl")
  #expect(
    read.rows.map(\.content) == [
      .preference(
        prompt: .messages([.init(role: "user", content: "q")]), chosen: "good", rejected: "bad",
        margin: nil)
    ])
  #expect(events.figures["pairs"] == 1)
  #expect(events.figures["margin"] == 2)
  #expect(events.figures["unused/ties"] == 1)
  #expect(events.figures["chosen/mean_length"] == 4)
}

@Test func noPairAtAllIsBadInputWithTheReasons() throws {
  let toys = try ToyModels()
  let lines = CompletionRow.lines([row([("same", 1, 4, true), ("other", 1, 5, true)])])
  let file = try toys.write(String(decoding: lines, as: UTF8.self), "scores.jsonl")
  let error = #expect(throws: BadInput.self) {
    try toys.run(PairStage.self, inputs: ["scores": [file]])
  }
  #expect(error?.message.contains("1 only answers of equal score") == true)
}

@Test func aBrokenLineOfScoresIsNamed() throws {
  let toys = try ToyModels()
  let file = try toys.write(
    #"{"prompt": "a", "completions": ["b"], "scores": [1]}"# + "\n"
      + #"{"prompt": "a", "completions": ["b", "c"], "scores": [1]}"#, "scores.jsonl")
  let error = #expect(throws: BadInput.self) {
    try toys.run(PairStage.self, inputs: ["scores": [file]])
  }
  #expect(error?.message.contains("scores.jsonl:2: \"scores\"") == true)
}

/// Scores less a tenth a token: 2 − 3 = −1, 1 − 0.3 = 0.7, 0 − 0.2 = −0.2.
///
/// The long answer is the worst.
@Test func aLengthPenaltyChangesWhatIsBest() {
  var settings = PairingSettings()
  settings.lengthPenalty = 0.1
  let found = PairingRule(settings).pairs(
    row([("a", 2, 30, true), ("b", 1, 3, true), ("c", 0, 2, true)]))
  #expect(found.pairs == [.init(chosen: 1, rejected: 0)])
}

@Test func rightIsPairedWithWrongAndNotWithLessRight() {
  var settings = PairingSettings()
  settings.minChosenScore = 1
  settings.maxRejectedScore = 0
  let rule = PairingRule(settings)
  let found = rule.pairs(row([("a", 1.2, 3, true), ("b", 0.5, 3, true), ("c", 0, 3, true)]))
  #expect(found.pairs == [.init(chosen: 0, rejected: 2)])
  #expect(rule.pairs(row([("a", 2, 3, true), ("b", 1, 3, true)])).lack == .quality)
}

@Test func aPairThatTwoRowsGiveIsTakenOnce() throws {
  let toys = try ToyModels()
  let twice = row([("good", 2, 4, true), ("bad", 0, 3, true)])
  let file = try toys.write(
    String(decoding: CompletionRow.lines([twice, twice]), as: UTF8.self), "scores.jsonl")
  let (output, events) = try toys.run(PairStage.self, inputs: ["scores": [file]])
  #expect(try toys.text("\(output)/pairs.jsonl").split(separator: "\n").count == 1)
  #expect(events.figures["repeated_pairs"] == 1)
  #expect(events.figures["unused_share"] == 0)
  #expect(events.figures["chosen_longer"] == 1)
}
