public import Datasets
import OrderedCollections
public import Pipeline

/// What `filter` keeps.
public struct FilterSettings: StageSettings {
  /// The layout of the rows, or `scores` for a file of scored answers; recognised without.
  public var format: String?
  public var onMalformed = MalformedPolicy.error
  public var deduplicate = Duplicates.none
  /// Words in a row that a question may not share with one of `against`.
  public var ngramSize = 32
  /// Tokens of a row, or of a scored answer.
  public var minLength: Int?
  public var maxLength: Int?
  /// Of a row's answer by the reward model, or of a scored answer.
  public var minScore: Double?
  public var maxScore: Double?
  /// Of pairs, by the reward model: the least by which the chosen answer scores higher.
  public var minMargin: Double?
  /// The share of a prompt's answers that pass, both ends allowed.
  public var minPassRate: Double?
  public var maxPassRate: Double?
  /// Which of the rewards an answer passes by, as the scores call it; nil is their sum.
  public var passReward: String?
  /// The least of it that passes.
  public var passScore = 1.0
  /// Of scored answers: takes only those that the model ended itself.
  public var requireStop = true
  /// Of scored answers: the most of one prompt, those that differ most.
  public var maxPerPrompt: Int?
  /// Of scored answers: the most that two of one prompt may have in common, from 0 to 1.
  public var maxSimilarity = 1.0
  /// The most rows in the end, drawn by the recipe's seed.
  public var maxSamples: Int?
  /// The share of prompts that is kept apart, as the output `eval`.
  public var evalShare = 0.0
  public var bf16 = false

  public init() {}

  public enum Duplicates: String, Codable, Sendable, CaseIterable {
    case none
    /// Rows that say the same in everything.
    case row
    /// Rows that ask the same.
    case prompt
  }

  func problems() -> [SettingProblem] {
    var problems: [SettingProblem] = []
    func check(
      _ isRight: Bool, _ key: String, _ found: (any CustomStringConvertible)?, _ right: String
    ) {
      guard !isRight, let found else { return }
      problems.append(SettingProblem(key, "\(key) is \(found), where \(right) would be right"))
    }
    func checkOrder(_ name: String, _ least: Double?, _ most: Double?) {
      guard let least, let most, least > most else { return }
      problems.append(
        SettingProblem(
          "min_\(name)", "nothing has a \(name) of at least \(least) and at most \(most)"))
    }
    check((1...10_000).contains(ngramSize), "ngram_size", ngramSize, "1 or more")
    check((minLength ?? 0) >= 0, "min_length", minLength, "0 or more")
    check((maxLength ?? 1) >= 1, "max_length", maxLength, "1 or more")
    checkOrder("length", minLength.map(Double.init), maxLength.map(Double.init))
    for (key, value) in [
      ("min_score", minScore), ("max_score", maxScore), ("min_margin", minMargin),
    ] {
      check((value ?? 0).isFinite, key, value, "a finite number")
    }
    checkOrder("score", minScore, maxScore)
    for (key, value) in [("min_pass_rate", minPassRate), ("max_pass_rate", maxPassRate)] {
      check((0...1).contains(value ?? 0), key, value, "a share from 0 to 1")
    }
    checkOrder("pass_rate", minPassRate, maxPassRate)
    check(passScore.isFinite, "pass_score", passScore, "a finite number")
    check((maxPerPrompt ?? 1) >= 1, "max_per_prompt", maxPerPrompt, "1 or more")
    check((0...1).contains(maxSimilarity), "max_similarity", maxSimilarity, "0 to 1")
    check((maxSamples ?? 1) >= 1, "max_samples", maxSamples, "1 or more")
    check((0..<1).contains(evalShare), "eval_share", evalShare, "a share from 0 to below 1")
    return problems
  }

  /// Whether an answer passes.
  func passes(_ row: CompletionRow, _ index: Int) throws -> Bool {
    try value(row, index) >= passScore
  }

  private func value(_ row: CompletionRow, _ index: Int) throws -> Double {
    guard let passReward else { return row.scores[index] }
    guard let values = row.rewards[passReward], values.indices.contains(index) else {
      let names = row.rewards.keys.joined(separator: ", ")
      throw BadInput(
        "row \(row.row) was not scored by `\(passReward)` (pass_reward), but by "
          + "\(names.isEmpty ? "nothing that is named" : names)")
    }
    return values[index]
  }

  /// The share of a prompt's answers that pass.
  func passRate(_ row: CompletionRow) throws -> Double {
    let passed = try row.completions.indices.filter { try passes(row, $0) }
    return Double(passed.count) / Double(max(1, row.completions.count))
  }

  /// Why a prompt of this pass rate is left out, or nil.
  func objection(toPassRate rate: Double) -> FilterTally.Reason? {
    if rate < minPassRate ?? 0 { return .passRateBelow }
    return rate > maxPassRate ?? 1 ? .passRateAbove : nil
  }
}
