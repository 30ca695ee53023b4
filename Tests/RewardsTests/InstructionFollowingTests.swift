import Foundation
import JSON
import OrderedCollections
import Testing

@testable import Rewards

@Suite struct InstructionFollowingTests {
  private static func golden() throws -> JSON {
    let file = try #require(
      Bundle.module.url(forResource: "Goldens/instruction-verdicts", withExtension: "json"))
    return try JSON(parsing: Array(Data(contentsOf: file)))
  }

  private static func instruction(_ json: JSON) throws -> Instruction {
    var arguments: [String: InstructionArgument] = [:]
    for (name, value) in json["kwargs"]?.object ?? [:] {
      if let number = value.int { arguments[name] = .number(number) }
      if let text = value.string { arguments[name] = .text(text) }
      if let texts = value.array { arguments[name] = .texts(texts.compactMap(\.string)) }
    }
    return try Instruction(id: json["id"]?.string ?? "", arguments: arguments)
  }

  /// 53 responses under 58 instructions, strict and loose.
  ///
  /// Of what language `**Bold** and *light* and` is, langdetect is not sure: it draws at random.
  @Test func verdictsAreThoseOfLMEval() throws {
    let golden = try InstructionFollowingTests.golden()
    let responses = try #require(golden["responses"]?.array).compactMap(\.string)
    let cases = try #require(golden["instructions"]?.array)
    #expect(responses.count == 53 && cases.count == 58)
    var kinds: Set<String> = []
    for json in cases {
      let instruction = try InstructionFollowingTests.instruction(json)
      kinds.insert(instruction.id)
      let isLanguage = instruction.id == "language:response_language"
      let kept = responses.indices.filter { !isLanguage || !responses[$0].hasPrefix("**Bold**") }
      let verdicts = responses.map { InstructionVerdicts([instruction], response: $0) }
      let strict = try Array(#require(json["strict"]?.string)).map { $0 == "1" }
      let loose = try Array(#require(json["loose"]?.string)).map { $0 == "1" }
      for index in kept {
        let place = "\(instruction.id) \(json["kwargs"] ?? nil): \(responses[index])"
        #expect(verdicts[index].strict == [strict[index]], "\(place)")
        #expect(verdicts[index].loose == [loose[index]], "\(place)")
      }
    }
    #expect(kinds == Set(Instruction.identifiers) && kinds.count == 25)
  }

  /// "Sure:" is a line too many and the asterisks are Markdown's: loosely, neither matters.
  @Test func looselyAnIntroductionIsForgiven() throws {
    let instruction = try Instruction(id: "startend:quotation")
    let verdicts = InstructionVerdicts([instruction], response: "Sure:\n**\"Here it is.\"**")
    #expect(verdicts.strict == [false] && verdicts.loose == [true])
  }

  @Test func nothingIsFollowedByAnEmptyResponse() throws {
    let instruction = try Instruction(id: "punctuation:no_comma")
    #expect(!instruction.isFollowed(by: " \n") && instruction.isFollowed(by: "a"))
    #expect(!InstructionVerdicts([instruction], response: "").followsAllLoosely)
  }

  @Test func whatAnInstructionLacksIsNamed() {
    #expect(throws: InstructionProblem.unknown(id: "keywords:existance")) {
      try Instruction(id: "keywords:existance")
    }
    let problem = #expect(throws: InstructionProblem.self) {
      try Instruction(
        id: "length_constraints:number_words", arguments: ["num_words": .number(3)])
    }
    #expect(
      problem?.description
        == "length_constraints:number_words has no \"relation\", which is to be \"less than\" or \"at least\""
    )
  }

  /// Whatever a model says is judged in bounded time, and nothing traps.
  @Test func hostileResponsesAreJudged() throws {
    let golden = try InstructionFollowingTests.golden()
    let instructions = try (golden["instructions"]?.array ?? []).map(
      InstructionFollowingTests.instruction)
    let pieces = [
      "[", "{\"", "*", "-", ". ", ".\n", "<<", ">", "'", "\u{301}", "\u{0}", "ß", "1,", "\\u", "……",
    ]
    for (index, piece) in pieces.enumerated() {
      let text = String(repeating: piece, count: 300) + pieces[(index + 1) % pieces.count]
      #expect(InstructionVerdicts(instructions, response: text).strict.count == 58)
    }
  }

  @Test func aTextWithoutLettersHasNoLanguage() {
    #expect(LanguageDetector.language(of: Scalars(of: "12 ?!")) == nil)
    #expect(LanguageDetector.language(of: Scalars(of: "https://example.org/abc")) == nil)
    #expect(LanguageProfile.all.count == 55)
  }
}
