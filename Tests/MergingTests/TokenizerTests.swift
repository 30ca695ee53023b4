import Checkpoints
import Foundation
import JSON
import OrderedCollections
import Testing

@testable import Merging

/// Two models: P has the tokens a b ab <e>, Q has b c bc <f>; the row of a token is [model, number].
@Suite struct TokenizerTests {
  private let fixture: Fixture
  private let embedding = "model.embed_tokens.weight"

  init() throws {
    fixture = try Fixture()
    try fixture.speaking(
      "P", value: 10, tokens: ["a", "b", "ab"], special: ["<e>"], merges: ["a b"])
    try fixture.speaking(
      "Q", value: 20, tokens: ["b", "c", "bc"], special: ["<f>"], merges: ["b c"])
  }

  private func yaml(_ tokenizer: String) -> String {
    """
    merge_method: linear
    base_model: P
    models: [{model: P, parameters: {weight: 0.5}}, {model: Q, parameters: {weight: 0.5}}]
    \(tokenizer)
    """
  }

  @Test func vocabulariesThatDifferAreRefusedWithTheRemedy() {
    let complaint = fixture.complaint(yaml(""))
    #expect(complaint.contains("Q and P do not have the same tokens"))
    #expect(complaint.contains(#""b" is number 0 in Q and 1 in P"#))
    #expect(complaint.contains("tokenizer: {source: union}"))
  }

  /// b is row 1 of P and row 0 of Q: ½([10, 1] + [20, 0]) = [15, 0.5]; of the others each is its only owner's.
  @Test func aUnionHasTheBasesTokensFirst() throws {
    let plan = try fixture.plan(yaml("tokenizer_source: union"))
    let report = try #require(plan.vocabulary)
    #expect(report.tokenCount == 7 && report.rowCount == 7)
    #expect(
      try fixture.values(plan, embedding) == [
        10, 0, 15, 0.5, 10, 2, 10, 3, 20, 1, 20, 2, 20, 3,
      ])
    #expect(report.decisions.map(\.token) == ["a", "ab", "<e>", "c", "bc", "<f>"])
    #expect(report.decisions[0].sources == ["own row 0", "row 0 of P"])
    #expect(report.decisions[3].sources == ["row 1 of Q", "own row 1"])
    #expect(report.movedCounts == [0, 4])
  }

  @Test func aUnionsTokenizerMakesTheNewTokens() throws {
    let plan = try fixture.plan(yaml("tokenizer_source: union"))
    try plan.execute(output: "\(fixture.path)/out")
    let document = try JSON(parsing: Array(fixture.text("out/tokenizer.json").utf8))
    let vocabulary = try #require(document["model"]?["vocab"]?.object)
    #expect(Array(vocabulary.keys) == ["a", "b", "ab", "<e>", "c", "bc", "<f>"])
    #expect(document["model"]?["merges"] == ["a b", "b c"])
    let added = try #require(document["added_tokens"]?.array)
    #expect(added.map { $0["content"] } == ["<e>", "<f>"])
    #expect(added.map { $0["id"] } == [3, 6])
    let config = try fixture.text("out/config.json")
    #expect(config.contains(#""vocab_size": 7"#) && config.contains(#""eos_token_id": 3"#))
  }

  @Test func theBasesTokensAreKeptAndPadded() throws {
    let plan = try fixture.plan(yaml("tokenizer: {source: base, pad_to_multiple_of: 8}"))
    #expect(plan.vocabulary?.rowCount == 8)
    let expected: [Float] = [10, 0, 15, 0.5, 10, 2, 10, 3, 0, 0, 0, 0, 0, 0, 0, 0]
    #expect(try fixture.values(plan, embedding) == expected)
  }

  @Test func anotherModelsTokenizerBringsItsNumbersAndFiles() throws {
    let plan = try fixture.plan(yaml("tokenizer: {source: Q}"))
    #expect(try fixture.values(plan, embedding) == [15, 0.5, 20, 1, 20, 2, 20, 3])
    try plan.execute(output: "\(fixture.path)/out")
    #expect(try fixture.text("out/tokenizer.json") == fixture.text("Q/tokenizer.json"))
    // P's end is a token that Q does not have.
    #expect(try fixture.text("out/config.json").contains(#""eos_token_id": null"#))
    #expect(plan.notes.contains { $0.contains("eos_token_id was 3") })
  }

  @Test func tokensAreDecidedOneByOne() throws {
    let plan = try fixture.plan(
      yaml(
        """
        tokenizer:
          source: union
          tokens:
            b: {source: Q, force: true}
            c: {source: {kind: zero}}
            <f>: {source: {kind: model_token, model: P, token: <e>}}
            bc: {source: {kind: model_token, model: P, token_id: 2}}
        """))
    // b is Q's in both; c is ½[0, 0] + ½[20, 1]; <f> is ½[10, 3] + ½[20, 3]; bc is ½[10, 2] + ½[20, 2].
    #expect(
      try fixture.values(plan, embedding) == [
        10, 0, 20, 0, 10, 2, 10, 3, 10, 0.5, 15, 2, 15, 3,
      ])
    let complaint = fixture.complaint(
      yaml("tokenizer: {source: base, tokens: {\"<ee>\": {source: Z}, q: {source: {kind: none}}}}"))
    #expect(complaint.contains(#""kind" is "none", and should be zero or model_token"#))
    #expect(
      fixture.complaint(yaml("tokenizer: {source: base, tokens: {\"<ee>\": {source: P}}}"))
        .contains(#"the output has no token "<ee>"; did you mean "<e>"?"#))
    #expect(
      fixture.complaint(yaml("tokenizer: {source: Qq}")).contains(
        #""Qq" is no model of this merge; did you mean "Q"?"#))
  }

  /// Where neither is the base, a token of two donors is their mean: ½([20, 1] + [40, 0]) = [30, 0.5].
  @Test func aTokenOfSeveralDonorsIsTheirMean() throws {
    try fixture.speaking("R", value: 40, tokens: ["c"], special: ["<g>"])
    let plan = try fixture.plan(
      """
      merge_method: task_arithmetic
      base_model: P
      models: [{model: Q, parameters: {weight: 0}}, {model: R, parameters: {weight: 0}}]
      tokenizer: {source: union}
      """)
    let values = try fixture.values(plan, embedding)
    #expect(Array(values[8..<10]) == [30, 0.5])
    #expect(plan.vocabulary?.decisions.first { $0.token == "c" }?.sources[0] == "mean of Q, R")
  }

  @Test func anOutputProjectionOfItsOwnIsNotLost() throws {
    try fixture.speaking("T", value: 1, tokens: ["a"], special: ["<e>"])
    try fixture.speaking("U", value: 3, tokens: ["a"], special: ["<e>"], isTied: false)
    let plan = try fixture.plan(
      "merge_method: linear\nparameters: {weight: 0.5}\nmodels: [{model: T}, {model: U}]")
    // ½([1, 0, 1, 1] − [3, 0, 3, 1])
    #expect(try fixture.values(plan, "lm_head.weight") == [-1, 0, -1, 0])
    #expect(plan.outputConfig["tie_word_embeddings"] == false)
  }

  @Test func templatesAreChosenByNameOrByMajority() throws {
    try fixture.speaking("T", value: 1, tokens: ["a"], special: ["<e>"], template: "{{ one }}")
    try fixture.speaking("U", value: 1, tokens: ["a"], special: ["<e>"], template: "{{ two }}")
    try fixture.speaking("V", value: 1, tokens: ["a"], special: ["<e>"], template: "{{ two }}")
    func template(_ choice: String) throws -> String {
      let name = UUID().uuidString
      try fixture.plan(
        """
        merge_method: linear
        parameters: {weight: 1}
        models: [{model: T}, {model: U}, {model: V}]
        chat_template: \(choice)
        """
      ).execute(output: "\(fixture.path)/\(name)")
      let config = try JSON(parsing: Array(fixture.text("\(name)/tokenizer_config.json").utf8))
      let text = try fixture.text("\(name)/chat_template.jinja")
      #expect(config["chat_template"]?.string == text)
      return text
    }
    #expect(try template("auto") == "{{ two }}")
    #expect(try template("chatml").contains("<|im_start|>"))
    #expect(try template("'{{ mine }}'") == "{{ mine }}")
    let complaint = fixture.complaint(
      "merge_method: linear\nparameters: {weight: 1}\nmodels: [{model: T}]\nchat_template: lama3")
    #expect(complaint.contains(#"did you mean "llama3"?"#))
  }
}
