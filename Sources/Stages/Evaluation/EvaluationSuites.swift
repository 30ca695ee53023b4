import Datasets
import Pipeline
import Randomness

/// The suites of a stage: those whose data is among its inputs, and those that need none.
struct EvaluationSuites {
  private(set) var all: [any EvaluationSuite] = []
  private let settings: EvaluateStage.Settings
  private let context: StageContext

  /// Inputs whose figures carry no suite's name.
  static let plain = ["problems", "prompts", "pairs", "text"]

  init(_ settings: EvaluateStage.Settings, _ context: StageContext) throws {
    self.settings = settings
    self.context = context
    for name in EvaluationSuites.plain {
      if let path = context.optionalInput(name) { all.append(try plain(name, path)) }
    }
    for kind in SuiteKind.allCases {
      let options = settings.own.suites[kind.rawValue]
      if kind == .needle {
        if let options { all.append(needle(options)) }
      } else if let path = context.optionalInput(kind.rawValue) {
        all.append(try named(kind, path, options ?? SuiteOptions()))
      } else if options != nil {
        throw BadInput(
          "suites.\(kind.rawValue) is set, but its data is missing: give the input `\(kind.rawValue)`"
        )
      }
    }
    guard !all.isEmpty else {
      throw BadInput(
        "there is nothing to measure with: give at least one of `problems`, `prompts`, `pairs`, `text`, "
          + SuiteKind.allCases.filter { $0 != .needle }.map { "`\($0.rawValue)`" }
          .joined(separator: ", ") + ", or suites.needle")
    }
  }

  private func plain(_ name: String, _ path: String) throws -> any EvaluationSuite {
    let rows = selected(
      try RowReading(malformed: settings.own.onMalformed).read(datasetFile(path)),
      settings.maxSamples)
    let limit = LengthLimit(maximum: settings.maxLength, policy: settings.onOverlong.policy)
    var sampling = settings.base
    switch name {
    case "pairs": return PairSuite(name: name, rows: rows, limit: limit)
    case "text": return TextSuite(name: name, rows: rows, limit: limit)
    case "prompts":
      sampling.numGenerations = settings.promptGenerations
      return ConversationSuite(
        name: name, settings: sampling, questions: questions(rows, sampling))
    default:
      return ProblemSuite(
        name: name, questions: questions(rows, sampling), settings: sampling,
        verifier: settings.own.verifier.rule)
    }
  }

  private func questions(_ rows: RowSet, _ sampling: SamplingSettings) -> SuiteQuestions {
    SuiteQuestions(rows, sampling, overlong: settings.onOverlong.policy)
  }

  private func named(
    _ kind: SuiteKind, _ path: String, _ options: SuiteOptions
  ) throws -> any EvaluationSuite {
    let sampling = options.sampling(kind, settings.base)
    let name = kind.rawValue
    func rows() throws -> SuiteQuestions {
      let read = try RowReading(malformed: settings.own.onMalformed).read(datasetFile(path))
      var asked = questions(selected(read, options.maxSamples), sampling)
      asked.suffix = options.promptSuffix ?? kind.suffix
      return asked
    }
    func some(_ rows: RowSet) -> RowSet { selected(rows, options.maxSamples) }
    switch kind {
    case .ifeval:
      var asked = try rows()
      asked.plain = ("", "\n")
      return try InstructionSuite(name: name, asked, sampling)
    case .gsm8k, .math, .aime:
      var asked = try rows()
      asked.plain = ("Question: ", "\nAnswer:")
      return ProblemSuite(
        name: name, questions: asked, settings: sampling, isFlexible: kind == .gsm8k,
        passCounts: options.passAt ?? [])
    case .mmlu: return try choices(name, .letters, path, options)
    case .cmmlu: return try choices(name, .cmmlu, path, options)
    case .ceval: return try choices(name, .ceval, path, options)
    case .choices: return try choices(name, .texts, path, options)
    case .mtBench:
      return try ConversationSuite(
        name, turnsOf: path, sampling, settings.onOverlong.policy, some)
    case .alpacaEval:
      return try ConversationSuite(
        name, instructionsOf: path, sampling, settings.onOverlong.policy, some)
    case .needle: return needle(options)
    }
  }

  private func choices(
    _ name: String, _ style: ChoiceSuite.Style, _ path: String, _ options: SuiteOptions
  ) throws -> ChoiceSuite {
    let found = try ChoiceQuestions(path)
    let shots = options.numFewshot ?? 0
    if shots > 0, found.examples.isEmpty {
      throw BadInput(
        "suites.\(name).num_fewshot is \(shots), but \(path) has no folder `dev` with examples")
    }
    let taken = PromptSelection(
      count: found.questions.count, limit: options.maxSamples, seed: context.seed)
    return ChoiceSuite(
      name: name, style: style, questions: taken.indices.map { found.questions[$0] },
      examples: found.examples.mapValues { Array($0.prefix(shots)) })
  }

  private func needle(_ options: SuiteOptions) -> NeedleSuite {
    NeedleSuite(
      settings: options.sampling(.needle, settings.base),
      lengths: options.lengths ?? [1024, 2048, 4096],
      depths: options.depths ?? [0, 25, 50, 75, 100],
      languages: options.languages ?? ["en", "zh"], seed: context.seed)
  }

  /// So many rows, drawn by the recipe's seed, in their order.
  private func selected(_ rows: RowSet, _ limit: Int?) -> RowSet {
    let selection = PromptSelection(count: rows.rows.count, limit: limit, seed: context.seed)
    var some = rows
    some.rows = selection.indices.map { rows.rows[$0] }
    return some
  }
}
