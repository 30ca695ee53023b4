public import Pipeline

/// What a recipe says of one suite; what it does not say is as published.
public struct SuiteOptions: StageSettings, Equatable {
  /// Answers to each prompt, k.
  public var numGenerations: Int?
  /// The most tokens of an answer.
  public var maxCompletionLength: Int?
  public var temperature: Double?
  public var topP: Double?
  public var topK: Int?
  /// The most rows, drawn by the recipe's seed.
  public var maxSamples: Int?
  /// Written behind every question.
  public var promptSuffix: String?
  /// The n of pass@n beside k.
  public var passAt: [Int]?
  /// Answered examples before each question of multiple choice.
  public var numFewshot: Int?
  /// Of a needle's prompts, in tokens.
  public var lengths: [Int]?
  /// Of a needle within its text, in per cent.
  public var depths: [Int]?
  /// Of a needle's text: en, zh.
  public var languages: [String]?

  public init() {}
}

extension SuiteOptions {
  /// How answers are drawn: as published for the suite, where the recipe does not say otherwise.
  func sampling(_ kind: SuiteKind, _ stage: SamplingSettings) -> SamplingSettings {
    let published = kind.published
    var settings = SamplingSettings()
    settings.generationBatchSize = stage.generationBatchSize
    settings.kvCacheMemoryBytes = stage.kvCacheMemoryBytes
    settings.weights = stage.weights
    settings.stopStrings = stage.stopStrings
    settings.maxPromptLength = stage.maxPromptLength
    settings.numGenerations = numGenerations ?? published.count
    settings.maxCompletionLength = maxCompletionLength ?? published.tokens
    settings.temperature = temperature ?? published.temperature
    settings.topP = topP ?? published.topP
    settings.topK = topK ?? 0
    return settings
  }

  func problems(_ name: String, _ kind: SuiteKind) -> [SettingProblem] {
    var problems = sampling(kind, SamplingSettings()).problems().map {
      SettingProblem("suites.\(name).\($0.path)", $0.message)
    }
    func check(_ isRight: Bool, _ key: String, _ found: String, _ right: String) {
      if !isRight {
        problems.append(
          SettingProblem(
            "suites.\(name).\(key)", "\(key) is \(found), where \(right) would be right"))
      }
    }
    check(maxSamples ?? 1 > 0, "max_samples", "\(maxSamples ?? 0)", "1 or more")
    check((0...64).contains(numFewshot ?? 0), "num_fewshot", "\(numFewshot ?? 0)", "0 to 64")
    check((passAt ?? [1]).allSatisfy { $0 > 0 }, "pass_at", "\(passAt ?? [])", "numbers from 1 on")
    check(
      (lengths ?? [64]).allSatisfy { (64...(1 << 24)).contains($0) } && lengths != [], "lengths",
      "\(lengths ?? [])", "a list of 64 tokens or more")
    check(
      (depths ?? [0]).allSatisfy { (0...100).contains($0) } && depths != [], "depths",
      "\(depths ?? [])", "a list of per cents from 0 to 100")
    check(
      (languages ?? ["en"]).allSatisfy { NeedleText.all[$0] != nil } && languages != [],
      "languages",
      "\(languages ?? [])", "a list of en and zh")
    return problems
  }
}

/// The suites that have a name of their own, in the report's order.
enum SuiteKind: String, CaseIterable, Sendable {
  case ifeval
  case gsm8k
  case math
  case aime
  case mmlu
  case cmmlu
  case ceval
  case choices
  case mtBench = "mt_bench"
  case alpacaEval = "alpaca_eval"
  case needle

  /// How its answers are drawn where it is published: lm-eval's greedy ones for IFEval and GSM8K, FastChat's for MT-bench, Light-R1's
  /// for AIME (with 16 answers instead of 64).
  var published: (count: Int, temperature: Double, topP: Double, tokens: Int) {
    switch self {
    case .ifeval: (1, 0, 1, 1280)
    case .gsm8k: (1, 0, 1, 512)
    case .math: (1, 0, 1, 2048)
    case .aime: (16, 0.6, 0.95, 8192)
    case .mtBench: (1, 0.7, 1, 1024)
    case .alpacaEval: (1, 0.7, 1, 2048)
    case .needle: (1, 0, 1, 32)
    case .mmlu, .cmmlu, .ceval, .choices: (1, 0, 1, 1)
    }
  }

  /// Light-R1's, of its evaluation's data.
  var suffix: String {
    switch self {
    case .gsm8k, .math, .aime:
      " Let's think step by step and output the final answer within \\boxed{}."
    default: ""
    }
  }
}
