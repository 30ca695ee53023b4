public import Datasets
public import Pipeline
import Rewards
import Suggestions

/// What `evaluate` adds to how answers are drawn.
public struct EvaluationOptions: StageSettings, AdjustsDefaults {
  /// What the models are called in the report, in their order.
  public var names: [String]?
  /// Answers to each prompt that the reward model compares; `num_generations` is for problems.
  public var promptGenerations = 1
  /// The most rows of each data set, drawn by the recipe's seed; nil takes all.
  public var maxSamples: Int?
  /// What decides whether a problem's answer is right.
  public var verifier = Verifier.math
  /// What is not as published of the suites with a name of their own, by that name; `needle` runs where it is named here.
  public var suites: [String: SuiteOptions] = [:]
  /// The most tokens of a pair or of a held-out row.
  public var maxLength = 1024
  public var onOverlong = TrainingSettings.Overlong.error
  /// What to do with a row that is not what it should be.
  public var onMalformed = MalformedPolicy.error
  public var bf16 = false

  public init() {}

  /// As published evaluations sample (Light-R1, DeepSeek-R1): temperature 0.6, top_p 0.95.
  public static func adjust(_ base: inout SamplingSettings) {
    base.temperature = 0.6
    base.topP = 0.95
  }

  public enum Verifier: String, Codable, Sendable, CaseIterable {
    case math
    case exactMatch = "exact_match"

    var rule: any Reward {
      switch self {
      case .math: MathReward()
      case .exactMatch: ExactMatchReward()
      }
    }
  }

  func problems() -> [SettingProblem] {
    var problems: [SettingProblem] = []
    if !(1...4096).contains(promptGenerations) {
      problems.append(
        SettingProblem(
          "prompt_generations",
          "prompt_generations is \(promptGenerations), where 1 to 4096 would be right"))
    }
    if let count = maxSamples, count < 1 {
      problems.append(
        SettingProblem("max_samples", "max_samples is \(count), where 1 or more would be right"))
    }
    if !(2...(1 << 24)).contains(maxLength) {
      problems.append(
        SettingProblem("max_length", "max_length is \(maxLength), where 2 or more would be right"))
    }
    for name in suites.keys.sorted() {
      guard let kind = SuiteKind(rawValue: name) else {
        let known = SuiteKind.allCases.map(\.rawValue)
        problems.append(
          SettingProblem(
            "suites.\(name)",
            "`\(name)` is no suite: \(known.joined(separator: ", ")) are"
              + didYouMean(name, among: known)))
        continue
      }
      problems += suites[name]?.problems(name, kind) ?? []
    }
    for (index, name) in (names ?? []).enumerated()
    where name.isEmpty || (names ?? [])[..<index].contains(name) || name == "baseline" {
      problems.append(
        SettingProblem(
          "names.\(index + 1)", "`\(name)` cannot be a model's name: each has one of its own"))
    }
    return problems
  }
}
