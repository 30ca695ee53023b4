public import Datasets
import Generation
import JSON
import OrderedCollections
import Pipeline
public import Rewards

/// Questions with one right answer each: GSM8K, MATH, AIME, and a user's own problems.
///
/// `accuracy` is pass@1, the share of right answers; with k answers to each question also pass@n, the chance that one of n is right,
/// and majority@k, the share of questions of which the most frequent answer is right.
public struct ProblemSuite: EvaluationSuite {
  public let name: String
  public let questions: SuiteQuestions
  public let settings: SamplingSettings
  /// Decides what is right.
  public var verifier: any Reward = MathReward()
  /// Whether the last number of an answer is tried where none is marked, as `flexible_accuracy`.
  public var isFlexible = false
  /// The n of pass@n beside k.
  public var passCounts: [Int] = []

  public var sampleCount: Int { settings.numGenerations }

  public func tasks(for model: LanguageModel) throws -> [SamplingPrompt] {
    let found = try questions.prompts(for: model)
    if let row = found.first(where: { $0.answer == nil }) {
      throw BadInput(
        "\(questions.rows.report.path): row \(row.row) has no answer, which a problem needs to be judged by"
      )
    }
    return found
  }

  public func load(of task: SamplingPrompt) -> TaskLoad {
    .answers(promptLength: task.ids.count, settings)
  }

  public func items(
    of tasks: ArraySlice<SamplingPrompt>, _ asking: SuiteAsking
  ) throws -> [SuiteItem] {
    let answers = try asking.answers(
      to: tasks.map { GenerationRequest(prompt: $0.ids, promptID: UInt64($0.row)) }, settings)
    return zip(tasks, answers).map { task, answers in
      SuiteItem(
        row: task.row, prompt: task.prompt, reference: .string(task.answer ?? ""),
        answers: answers.map { SuiteAnswer($0, judged: asking.judged($0)) },
        scores: scores(task, answers, judged: answers.map(asking.judged)))
    }
  }

  private func scores(
    _ task: SamplingPrompt, _ answers: [SampledCompletion], judged: [String]
  ) -> OrderedDictionary<String, Score> {
    let right = zip(answers, judged).map { verdict(task, $0, text: $1) }
    var scores: OrderedDictionary<String, Score> = ["accuracy": Score(right)]
    if isFlexible {
      scores["flexible_accuracy"] = Score(
        zip(right, zip(answers, judged)).map { right, answer in
          guard right < 0.5, MathAnswer.extracted(from: answer.1) == nil,
            let number = LastNumber.of(answer.1)
          else { return right }
          return verdict(task, answer.0, text: "\\boxed{\(number)}")
        })
    }
    guard answers.count > 1 else { return scores }
    let count = right.count { $0 >= 0.5 }
    for n in passCounts where n < right.count && n > 1 {
      scores["pass@\(n)"] = Score([passRate(right: count, of: right.count, drawing: n)])
    }
    scores["pass@\(right.count)"] = Score([count > 0 ? 1 : 0])
    scores["majority@\(right.count)"] = Score([
      majorityVote(votes(judged), isRight: right.map { $0 >= 0.5 })
    ])
    return scores
  }

  private func verdict(_ task: SamplingPrompt, _ answer: SampledCompletion, text: String) -> Double
  {
    verifier.score(
      Sample(
        prompt: task.prompt.plainText, completion: text, answer: task.answer,
        tokens: answer.completion.tokens.map(Int.init), isTruncated: !answer.hasEnded))
  }

  /// Which answers are the same: each is held against the first of its like.
  private func votes(_ answers: [String]) -> [Int?] {
    var kinds: [String] = []
    return answers.map { text in
      guard let given = MathAnswer.extracted(from: text) ?? (isFlexible ? LastNumber.of(text) : nil)
      else { return nil }
      if let known = kinds.firstIndex(where: { $0 == given || MathAnswer.areEquivalent($0, given) })
      {
        return known
      }
      kinds.append(given)
      return kinds.count - 1
    }
  }

  public func measures(_ items: [SuiteItem], baseline: [SuiteItem]?) -> [Measure] {
    var names: [String] = []
    for item in items {
      for name in item.scores.keys where !names.contains(name) { names.append(name) }
    }
    return names.compactMap { items.measure($0, .share) }
  }
}

/// The last number of a text, as lm-eval's flexible extraction of GSM8K finds it.
enum LastNumber {
  /// Digits with commas, points and a sign; nil where there is none.
  static func of(_ text: String) -> String? {
    let scalars = Array(text.unicodeScalars.suffix(1 << 16))
    func isDigit(_ index: Int) -> Bool { ("0"..."9").contains(scalars[index]) }
    guard let last = scalars.indices.last(where: isDigit) else { return nil }
    var start = last
    while start > 0,
      isDigit(start - 1)
        || ((scalars[start - 1] == "," || scalars[start - 1] == ".") && start > 1
          && isDigit(start - 2))
    {
      start -= 1
    }
    let isNegative = start > 0 && scalars[start - 1] == "-"
    let digits = scalars[start...last].filter { $0 != "," }
    return (isNegative ? "-" : "") + String(String.UnicodeScalarView(digits))
  }
}
