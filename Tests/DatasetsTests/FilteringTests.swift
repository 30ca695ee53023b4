import JSON
import Testing
import Text

@testable import Datasets

private func asked(_ text: String, row: Int = 1) -> LocatedRow {
  LocatedRow(
    row: row, line: row, content: .problem(prompt: .text(text), answer: nil, fields: .null))
}

private func benchmarks(_ texts: String..., runLength: Int = 32) -> Decontamination {
  var sets = Decontamination(runLength: runLength)
  sets.add(texts.enumerated().map { asked($1, row: $0 + 1) }, set: "aime")
  return sets
}

@Suite struct DecontaminationTests {
  @Test func theSameQuestionIsFoundLetterForLetter() {
    let sets = benchmarks("What is 1 + 1?", "+ 7 =")
    #expect(
      sets.match(asked("+ 7 =").content) == .init(set: "aime", row: 2, rule: .exact))
  }

  /// `What is 12 + 30 ?` and `what is 1+1` both leave `whatis`.
  @Test func otherNumbersInTheSameWordsAreTheSame() {
    let sets = benchmarks("What is 12 + 30 ?")
    #expect(
      sets.match(asked("what is 1+1").content) == .init(set: "aime", row: 1, rule: .letters))
    #expect(sets.match(asked("what was 1+1").content) == nil)
    #expect(Decontamination.letters(of: "a_B 12, 中文３ é½") == "a_b中文é½")
  }

  /// Nothing but numbers and symbols leaves nothing, which is in no set.
  @Test func questionsWithoutLettersAreComparedAsTheyAreAlone() {
    let sets = benchmarks("12 × 3", "……")
    #expect(sets.match(asked("7 + 8 = ?").content) == nil)
    #expect(sets.match(asked("12 × 3").content)?.rule == .exact)
  }

  /// Runs of three words: `the sum of` is in both, in whatever spacing; `sum of all` is not.
  @Test func aSharedRunOfWordsIsFound() {
    let sets = benchmarks("Find the  sum\nof two primes", runLength: 3)
    #expect(
      sets.match(asked("Is THE sum of all even?").content)
        == .init(set: "aime", row: 1, rule: .words))
    #expect(sets.match(asked("a sum of all the primes").content) == nil)
    #expect(sets.match(asked("the sum").content) == nil)
  }

  @Test func everyTurnOfTheUserIsAQuestion() {
    let sets = benchmarks("Prove it.")
    let row = Row.conversation([
      ChatMessage(role: "user", content: "Hi"), ChatMessage(role: "assistant", content: "Hello"),
      ChatMessage(role: "user", content: "Prove it."),
      ChatMessage(role: "assistant", content: "No"),
    ])
    #expect(sets.match(row)?.row == 1)
    // What the assistant says is no question.
    #expect(benchmarks("Hello").match(row) == nil)
  }
}

@Suite struct PromptSplitTests {
  /// By the prompt alone: answers, case and spacing make no difference.
  @Test func aPromptIsAlwaysOnOneSide() {
    let chosen = Row.preference(
      prompt: .text("What is  it?"), chosen: "a", rejected: "b", margin: nil)
    let other = Row.conversation([
      ChatMessage(role: "system", content: "Be kind."),
      ChatMessage(role: "user", content: "what is it? "),
      ChatMessage(role: "assistant", content: "c"),
    ])
    #expect(PromptSplit.position(of: chosen) == PromptSplit.position(of: other))
  }

  /// Of 2000 short prompts a fifth is held out: 400, with a deviation of √(2000·0.2·0.8) = 18.
  @Test func positionsAreEven() {
    let held = (0..<2000).count {
      PromptSplit.isHeldOut(asked("q\($0)").content, share: 0.2)
    }
    #expect((330...470).contains(held))
    #expect(!PromptSplit.isHeldOut(asked("q").content, share: 0))
  }
}

@Suite struct RowCopyTests {
  private func copied(_ text: String, named name: String, _ rows: Int...) throws -> [String] {
    try withFile(text.utf8, named: name) { path in
      try RowCopy.lines(of: path, rows: rows).map { String(decoding: $0, as: UTF8.self) }
    }
  }

  /// Every digit and space of a line stays; a row over several lines is written on one.
  @Test func rowsStayAsTheyWereWritten() throws {
    let lines = #"{"text": "a",  "n": 1.50}"# + "\n\n" + #"{"text":"b"}"# + "\r\n"
    #expect(
      try copied(lines, named: "rows.jsonl", 1, 2) == [
        #"{"text": "a",  "n": 1.50}"#, #"{"text":"b"}"#,
      ])
    let array = "[{\"text\":\n\"a\"},\n {\"text\": \"b\\n\"}]"
    #expect(try copied(array, named: "rows.json", 1) == [#"{"text":"a"}"#])
    #expect(try copied(array, named: "rows.json", 2) == [#"{"text": "b\n"}"#])
  }
}
