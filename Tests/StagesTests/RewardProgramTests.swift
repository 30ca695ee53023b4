import Datasets
import Generation
import JSON
import Pipeline
import Rewards
import Testing

@testable import Stages

/// Programs are a line of shell each: what a shell can do wrong, any program can.
@Suite struct RewardProgramTests {
  private static func program(_ script: String, timeout: Double = 20) throws -> RewardProgram {
    var settings = RewardSettings(kind: .program)
    settings.command = ["sh", "-c", script]
    settings.timeout = timeout
    return try RewardProgram(settings, program: nil)
  }

  private static func answers(_ count: Int, length: Int = 8) -> [RewardedAnswer] {
    (0..<count).map { index in
      RewardedAnswer(
        row: index + 1, prompt: .text("one\ntwo"),
        completion: SampledCompletion(
          text: String(repeating: "x", count: length),
          completion: Completion(tokens: [1], logProbabilities: [0], finishReason: .stop)))
    }
  }

  private func message(_ script: String, timeout: Double = 20, count: Int = 3) -> String {
    do {
      _ = try Self.program(script, timeout: timeout).scores(of: Self.answers(count))
      return "no error"
    } catch {
      return "\((error as? BadInput)?.message ?? "another error: \(error)")"
    }
  }

  /// Counted by the program itself: the second call goes on where the first one ended.
  @Test func oneProcessHearsOfAllAnswersInTheirOrder() throws {
    let program = try Self.program(
      #"n=0; while read -r l; do n=$((n+1)); echo "{\"reward\": $n}"; done"#)
    #expect(try program.scores(of: Self.answers(300)) == (1...300).map(Double.init))
    #expect(try program.scores(of: []) == [])
    #expect(try program.scores(of: Self.answers(2)) == [301, 302])
  }

  /// More than pipes hold, in both directions and beside it: neither side waits for the other.
  @Test func muchIsSaidAtOnce() throws {
    let program = try Self.program(
      #"while read -r l; do echo "$l" >&2; echo "{\"reward\": 1, \"note\": \"$(printf %2000s)\"}"; done"#
    )
    #expect(try program.scores(of: Self.answers(200, length: 4000)).count == 200)
  }

  @Test func whatGoesInIsALineOfJSON() throws {
    var answer = Self.answers(1)[0]
    answer.answer = "7"
    #expect(
      answer.json.serialized(.compact)
        == #"{"prompt":"one\ntwo","completion":"xxxxxxxx","finish_reason":"stop","row":1,"answer":"7"}"#
    )
    answer.fields = ["question": "?"]
    #expect(answer.json["row"] == ["question": "?"])
  }

  @Test func aProgramThatEndsIsNamedWithWhatItSaid() {
    let said = message("read l; echo '{\"reward\": 1}'; echo oops >&2; exit 3")
    #expect(said.contains("ended with code 3"))
    #expect(said.contains("row 2"))
    #expect(said.contains("oops"))
    #expect(message("kill -9 $$").contains("ended by signal 9"))
  }

  @Test func aSilentProgramIsNotWaitedFor() {
    let said = message("read l; echo '{\"reward\": 1}'; sleep 60", timeout: 0.3)
    #expect(said.contains("gave no answer for 0.3 seconds"))
    #expect(said.contains("row 2"))
    // Closing one's output is a way of being silent, too.
    #expect(message("exec >&-; sleep 60", timeout: 5).contains("signal 9") == false)
  }

  @Test(arguments: ["hello", "{}", #"{"reward": "1"}"#, #"{"reward": null}"#, "[1]", ""])
  func anythingButARewardIsRefused(reply: String) {
    let said = message("while read -r l; do echo '\(reply)'; done")
    #expect(said.contains("row 1"))
    #expect(said.contains(#"{"reward": 0.5}"#))
  }

  @Test func tooMuchIsRefused() throws {
    #expect(message("yes | tr -d '\\n'").contains("more than 1048576 bytes"))
    let program = try Self.program("while read -r l; do echo '{\"reward\": 1}'; echo more; done")
    #expect(throws: BadInput.self) {
      for _ in 0..<50 { _ = try program.scores(of: Self.answers(1)) }
    }
  }

  /// As inputs are, what a recipe's command names is meant from the recipe's folder.
  @Test func aProgramIsStartedInTheRecipesFolder() throws {
    let toys = try ToyModels()
    try toys.write(#"while read -r l; do echo '{"reward": 7}'; done"#, "reward.sh")
    var settings = RewardSettings(kind: .program)
    settings.command = ["sh", "reward.sh"]
    let program = try RewardProgram(settings, program: nil, directory: toys.path)
    #expect(try program.scores(of: Self.answers(2)) == [7, 7])
  }

  @Test func aProgramThatIsNotThereIsNamed() throws {
    var settings = RewardSettings(kind: .program)
    settings.command = ["/nowhere/reward", "{program}"]
    #expect(throws: BadInput.self) { try RewardProgram(settings, program: nil) }
    let program = try RewardProgram(settings, program: "/data/reward.py")
    do {
      _ = try program.scores(of: Self.answers(1))
      Issue.record("it was started")
    } catch let error as BadInput {
      #expect(error.message.contains("`/nowhere/reward /data/reward.py` cannot be started"))
    }
  }
}

@Suite struct RewardSettingsTests {
  private func messages(_ rewards: [RewardSettings]) -> [String] {
    rewards.problems().map { "\($0.path): \($0.message)" }
  }

  @Test func aSettingOfAnotherKindIsAMistake() {
    var math = RewardSettings(kind: .math)
    math.ngramSize = 3
    #expect(
      messages([math]) == [
        "rewards.1.ngram_size: ngram_size is a setting of `repetition`, not of `math`"
      ])
  }

  @Test func twoOfAKindNeedNames() {
    var second = RewardSettings(kind: .length)
    #expect(messages([RewardSettings(kind: .length), second]).count == 1)
    second.name = "strict"
    second.softPunishCache = 4
    #expect(messages([RewardSettings(kind: .length), second]).isEmpty)
    #expect(second.title == "strict")
  }

  @Test func aProgramWantsACommand() {
    #expect(messages([RewardSettings(kind: .program)]).count == 1)
  }

  /// Of 16 tokens with a cache of 8, 12 are half of the way; of 3-grams in 1 2 1 2 1, one of three was there before.
  @Test func settingsReachTheRules() throws {
    var length = RewardSettings(kind: .length)
    length.softPunishCache = 8
    let rule = try #require(length.rule(maximumLength: 16))
    #expect(
      rule.score(
        prompt: "", completion: "", answer: nil, isTruncated: false, tokens: Array(0..<12)) == -0.5)
    var repetition = RewardSettings(kind: .repetition)
    (repetition.ngramSize, repetition.maxPenalty) = (3, -3)
    let other = try #require(repetition.rule(maximumLength: 16))
    let score = other.score(
      prompt: "", completion: "", answer: nil, isTruncated: false, tokens: [1, 2, 1, 2, 1])
    #expect(abs(score + 1) < 1e-12)
    var cosine = RewardSettings(kind: .cosine)
    (cosine.correctLimit, cosine.maxValueCorrect) = (0.75, 2)
    let third = try #require(cosine.rule(maximumLength: 16))
    #expect(
      third.score(
        prompt: "", completion: "\\boxed{1}", answer: "1", isTruncated: false, tokens: [1]) == 0.75)
  }
}
