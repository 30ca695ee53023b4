import JSON
import Testing
import Text

@testable import Datasets

@Suite struct ExampleTests {
  private let encoding = InventedEncoding()
  private let roomy = LengthLimit(maximum: 100)
  private let chat = #"""
    {"messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"yo"}]}
    """#

  /// `<1> u h i <2> <3> <1> a y o <2> <3>`: learnt are y, o and the end of that turn.
  @Test func theAssistantIsLearnt() throws {
    let dataset = try SupervisedDataset(rows(chat), encoding: encoding, limit: roomy)
    let sequence = try #require(dataset.sequences.first)
    #expect(sequence.isTarget.indices.filter { sequence.isTarget[$0] } == [8, 9, 10])
  }

  /// 360Zhinao's finetune.py learns `<1>`, `<2>` and `<3>` of every message too.
  @Test func markersAreLearntIfAsked() throws {
    let dataset = try SupervisedDataset(
      rows(chat), encoding: encoding, supervision: .zhinao, limit: roomy)
    let sequence = try #require(dataset.sequences.first)
    #expect(
      sequence.isTarget.indices.filter { sequence.isTarget[$0] } == [0, 4, 5, 6, 8, 9, 10, 11])
    #expect(sequence.targetCount == 7)
  }

  @Test func aTextEndsAndACompletionEnds() throws {
    let text = try SupervisedDataset(rows(#"{"text":"AB"}"#), encoding: encoding, limit: roomy)
    #expect(text.sequences.first?.ids == [65, 66, 0])
    #expect(text.sequences.first?.targetCount == 2)
    let completion = try SupervisedDataset(
      rows(#"{"prompt":"AB","completion":"C"}"#), encoding: encoding, limit: roomy)
    #expect(completion.sequences.first?.ids == [65, 66, 67, 0])
    #expect(completion.sequences.first?.isTarget == [false, false, true, true])
  }

  /// Where "A " and "B" would be one token, the prompt keeps its own tokens.
  @Test func theTokensOfThePromptAreThoseOfThePromptAlone() throws {
    let joining = JoiningEncoding()
    let (prompt, answer) = try joining.encode(Prompt.text("xA"), answer: "By")
    #expect(prompt == [120, 65])
    #expect(answer == [66, 121, 0])
  }

  @Test func overlongExamplesFollowThePolicy() throws {
    let set = try rows(#"{"text":"ABCDEF"}"# + "\n" + #"{"text":"AB"}"#)
    #expect(throws: DatasetError.self) {
      try SupervisedDataset(set, encoding: encoding, limit: LengthLimit(maximum: 4))
    }
    let dropped = try SupervisedDataset(
      set, encoding: encoding, limit: LengthLimit(maximum: 4, policy: .drop))
    #expect(dropped.sequences.map(\.ids) == [[65, 66, 0]])
    #expect(dropped.report.rowsKept == 1)
    #expect(dropped.report.findings.map(\.outcome) == [.dropped])
    let cut = try SupervisedDataset(
      set, encoding: encoding, limit: LengthLimit(maximum: 4, policy: .truncate))
    #expect(cut.sequences.map(\.ids) == [[65, 66, 67, 68], [65, 66, 0]])
    #expect(cut.report.findings.map(\.outcome) == [.truncated])
    #expect(cut.report.findings.map(\.rows) == [[1]])
  }

  @Test func aPromptThatLeavesNoRoomIsNeverCut() throws {
    let set = try rows(
      #"{"prompt":"ABCDEF","completion":"G"}"# + "\n" + #"{"prompt":"A","completion":"B"}"#)
    let dataset = try SupervisedDataset(
      set, encoding: encoding, limit: LengthLimit(maximum: 4, policy: .truncate))
    #expect(dataset.sequences.map(\.ids) == [[65, 66, 0]])
    #expect(dataset.report.findings.map(\.outcome) == [.dropped])
  }

  @Test func pairsShareTheirPrompt() throws {
    let set = try rows(#"{"prompt":"Q","chosen":"AB","rejected":"C","margin":2}"#)
    let dataset = try PreferenceDataset(set, encoding: encoding, limit: roomy)
    #expect(
      dataset.pairs == [
        TokenPair(prompt: [81], chosen: [65, 66, 0], rejected: [67, 0], margin: 2)
      ])
    #expect(throws: DatasetError.self) {
      try PreferenceDataset(rows(chat), encoding: encoding, limit: roomy)
    }
  }

  /// Cut to three tokens, ABC and ABD are the same.
  @Test func aCutThatMakesAPairEqualIsRefused() throws {
    let set = try rows(#"{"prompt":"Q","chosen":"ABC","rejected":"ABD"}"#)
    #expect(throws: DatasetError.self) {
      try PreferenceDataset(
        set, encoding: encoding, limit: LengthLimit(maximum: 3, policy: .truncate))
    }
  }

  @Test func promptsKeepTheirAnswerAndRow() throws {
    let set = try rows(#"{"question":"Q","answer":"x\n#### 42","level":3}"#)
    let prompt = try #require(
      PromptDataset(set, encoding: encoding, limit: roomy).prompts.first)
    #expect(prompt.ids == [1, 117, 81, 2, 3, 1, 97])
    #expect(prompt.answer == "42")
    #expect(prompt.row == 1)
    #expect(prompt.fields["level"] == 3)
  }

  @Test func judgementsKeepTheirLabel() throws {
    let set = try rows(#"{"prompt":"Q","completion":"A","label":false}"#)
    #expect(
      try UnpairedDataset(set, encoding: encoding, limit: roomy).judgements
        == [TokenJudgement(prompt: [81], answer: [65, 0], isGood: false)])
  }
}

/// Reads "AB" as one token, 1000, and all else as `InventedEncoding` does.
private struct JoiningEncoding: ExampleEncoding {
  private let plain = InventedEncoding()

  func endOfText() -> TokenID { 0 }

  func encode(text: String) -> [TokenID] {
    text.split(separator: "AB", omittingEmptySubsequences: false)
      .map { plain.encode(text: String($0)) }
      .joined(separator: [1000]).map(\.self)
  }

  func encode(continuation: String) -> [TokenID] { encode(text: continuation) }

  func encode(prompt: [ChatMessage]) -> [TokenID] { plain.encode(prompt: prompt) }

  func encode(prompt: [ChatMessage], answer: String) -> (prompt: [TokenID], answer: [TokenID]) {
    plain.encode(prompt: prompt, answer: answer)
  }

  func encode(
    conversation: [ChatMessage], supervision: Supervision
  ) -> (ids: [TokenID], isTarget: [Bool]) {
    plain.encode(conversation: conversation, supervision: supervision)
  }
}
