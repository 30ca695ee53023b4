import Datasets
import JSON
import OrderedCollections
import Rewards
import Text
import Transformers

/// Multiple choice by log-likelihood, as lm-eval asks it: which of the answers is the likeliest behind the question.
///
/// `acc` takes the sum of an answer's log-probabilities, `acc_norm` divides it by the answer's characters.
public struct ChoiceSuite: EvaluationSuite {
  /// How a question is written.
  public enum Style: Sendable {
    /// Choices by letters, in English (MMLU); the answer is a letter.
    case letters
    /// The same in Chinese (C-Eval).
    case ceval
    /// The same with another introduction (CMMLU).
    case cmmlu
    /// The question alone; the answer is a choice's text (ARC).
    case texts
  }

  public let name: String
  public let style: Style
  let questions: [ChoiceQuestion]
  /// Answered questions of the same subject that stand before, as many as are wanted.
  var examples: [String?: [ChoiceQuestion]] = [:]

  public var blockSize: Int { 64 }

  public struct Task: Sendable {
    var question: ChoiceQuestion
    var text: String
    var choices: [TargetSequence]
  }

  public func tasks(for model: LanguageModel) throws -> [Task] {
    try questions.map { question in
      let text = context(question)
      let choices = answers(question).map { sequence(text, $0, model.tokenizer) }
      try model.check(choices)
      return Task(question: question, text: text, choices: choices)
    }
  }

  /// The tokens of the answer are those behind the context's in the tokens of both together.
  private func sequence(_ context: String, _ answer: String, _ tokenizer: ChatTokenizer)
    -> TargetSequence
  {
    let before = tokenizer.encode(text: context)
    let whole = tokenizer.encode(text: context + answer)
    return TargetSequence(prompt: before, completion: Array(whole.dropFirst(before.count)))
  }

  public func load(of task: Task) -> TaskLoad { .sequences(task.choices) }

  public func items(of tasks: ArraySlice<Task>, _ asking: SuiteAsking) throws -> [SuiteItem] {
    let all = try asking.logProbabilities(of: tasks.flatMap(\.choices))
    var next = 0
    return tasks.map { task in
      let values = all[next..<next + task.choices.count].map { $0.reduce(0) { $0 + Double($1) } }
      next += task.choices.count
      let lengths = answers(task.question).map { Double($0.unicodeScalars.count - 1) }
      func score(_ values: [Double]) -> Score {
        let best = values.indices.max {
          values[$0] < values[$1] || (values[$0] == values[$1] && $0 > $1)
        }
        return Score([best == task.question.answer ? 1 : 0])
      }
      return SuiteItem(
        row: task.question.row, prompt: .text(task.text),
        reference: [
          "answer": .integer(task.question.answer),
          "subject": task.question.subject.map { .string($0) } ?? nil,
          "logprobs": .array(values.map { .number($0) }),
        ],
        scores: [
          "acc": score(values), "acc_norm": score(zip(values, lengths).map { $0 / max(1, $1) }),
        ])
    }
  }

  public func measures(_ items: [SuiteItem], baseline: [SuiteItem]?) -> [Measure] {
    ["acc", "acc_norm"].compactMap { items.measure($0, .share) }
  }

  private static let letters = "ABCDEFGHIJ".map { String($0) }

  private func answers(_ question: ChoiceQuestion) -> [String] {
    switch style {
    case .letters, .ceval, .cmmlu:
      zip(ChoiceSuite.letters, question.choices).map { " \($0.0)" }
    case .texts: question.choices.map { " \($0)" }
    }
  }

  /// lm-eval's words.
  private func context(_ question: ChoiceQuestion) -> String {
    let shots = (examples[question.subject] ?? []).map { example in
      asked(example) + answers(example)[example.answer] + "\n\n"
    }
    return introduction(question.subject) + shots.joined() + asked(question)
  }

  private func introduction(_ subject: String?) -> String {
    func about(_ names: [String: String], _ before: String, _ behind: String) -> String {
      subject.map { before + (names[$0] ?? $0.replacing("_", with: " ")) + behind } ?? ""
    }
    return switch style {
    case .letters:
      "The following are multiple choice questions (with answers)\(about([:], " about ", "")).\n\n"
    case .ceval:
      "以下是\(about(ChineseSubjects.ceval, "中国关于", "的"))单项选择题，请选出其中的正确答案。\n\n"
    case .cmmlu:
      "以下是\(about(ChineseSubjects.cmmlu, "关于", "的"))单项选择题，请直接给出正确答案的选项。\n\n"
    case .texts: ""
    }
  }

  private func asked(_ question: ChoiceQuestion) -> String {
    guard style != .texts else { return "Question: \(question.question)\nAnswer:" }
    let text = String(question.question.trimmingSpaces)
    let choices = zip(ChoiceSuite.letters, question.choices).map { "\($0.0). \($0.1)\n" }.joined()
    return "\(text)\n\(choices)\(style == .letters ? "Answer:" : "答案：")"
  }
}

extension String {
  fileprivate var trimmingSpaces: Substring {
    var text = self[...]
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }
}
