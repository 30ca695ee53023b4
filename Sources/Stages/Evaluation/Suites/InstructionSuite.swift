public import Datasets
import Generation
import JSON
import OrderedCollections
import Pipeline
import Rewards

/// IFEval (arXiv:2311.07911): instructions of which a program can tell whether an answer follows them.
///
/// Names are lm-eval's: of prompts the share whose every instruction is followed, and the share of instructions, strictly and
/// loosely.
public struct InstructionSuite: EvaluationSuite {
  public let name: String
  public let questions: SuiteQuestions
  public let settings: SamplingSettings
  /// By row.
  private let instructions: [Int: [Instruction]]

  public var sampleCount: Int { settings.numGenerations }

  public init(name: String, _ questions: SuiteQuestions, _ settings: SamplingSettings) throws {
    self.name = name
    self.questions = questions
    self.settings = settings
    var instructions: [Int: [Instruction]] = [:]
    for row in questions.rows.rows {
      do {
        instructions[row.row] = try InstructionSuite.instructions(row.content)
      } catch {
        throw BadInput("\(questions.rows.report.path): row \(row.row): \(error)")
      }
    }
    self.instructions = instructions
  }

  /// The instructions of a row of the published layout: `instruction_id_list` and, parallel to it, `kwargs`.
  private static func instructions(_ row: Row) throws -> [Instruction] {
    guard case .problem(_, _, let fields) = row,
      let names = fields["instruction_id_list"]?.array?.compactMap(\.string), !names.isEmpty
    else { throw BadInput("there is no \"instruction_id_list\", a list of names") }
    let values = fields["kwargs"]?.array ?? []
    guard values.count == names.count else {
      throw BadInput("there are \(names.count) instructions and \(values.count) \"kwargs\"")
    }
    return try zip(names, values).map { name, values in
      var arguments: [String: InstructionArgument] = [:]
      for (key, value) in values.object ?? [:] {
        if let number = value.int { arguments[key] = .number(number) }
        if let text = value.string { arguments[key] = .text(text) }
        if let texts = value.array { arguments[key] = .texts(texts.compactMap(\.string)) }
      }
      return try Instruction(id: name, arguments: arguments)
    }
  }

  public func tasks(for model: LanguageModel) throws -> [SamplingPrompt] {
    try questions.prompts(for: model)
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
      let instructions = instructions[task.row] ?? []
      let verdicts = answers.map {
        InstructionVerdicts(instructions, response: asking.judged($0))
      }
      func numbers(_ verdicts: [Bool]) -> [Double] { verdicts.map { $0 ? 1 : 0 } }
      return SuiteItem(
        row: task.row, prompt: task.prompt,
        reference: .array(instructions.map { .string($0.id) }),
        answers: answers.map { SuiteAnswer($0, judged: asking.judged($0)) },
        scores: [
          "prompt_level_strict_acc": Score(numbers(verdicts.map(\.followsAllStrictly))),
          "inst_level_strict_acc": Score(numbers(verdicts.flatMap(\.strict))),
          "prompt_level_loose_acc": Score(numbers(verdicts.map(\.followsAllLoosely))),
          "inst_level_loose_acc": Score(numbers(verdicts.flatMap(\.loose))),
        ])
    }
  }

  public func measures(_ items: [SuiteItem], baseline: [SuiteItem]?) -> [Measure] {
    [
      "prompt_level_strict_acc", "inst_level_strict_acc", "prompt_level_loose_acc",
      "inst_level_loose_acc",
    ].compactMap { items.measure($0, .share) }
  }
}
