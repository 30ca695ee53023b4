import Generation
public import Pipeline

/// Which answers to a prompt become pairs.
public struct PairingSettings: StageSettings, Equatable {
  /// The least by which the chosen answer's score exceeds the rejected one's.
  public var minMargin = 0.0
  /// Takes only answers that the model ended itself.
  public var requireStop = true
  /// The most that the longer answer may be of the shorter one, in tokens.
  public var maxLengthRatio: Double?
  public var pairsPerPrompt = 1
  /// Taken off a score for each token of the answer, before answers are compared.
  public var lengthPenalty = 0.0
  /// The least score of a chosen answer, and the greatest of a rejected one: right over wrong.
  public var minChosenScore: Double?
  public var maxRejectedScore: Double?

  public init() {}

  func problems() -> [SettingProblem] {
    var problems: [SettingProblem] = []
    if !(minMargin >= 0 && minMargin.isFinite) {
      problems.append(
        SettingProblem("min_margin", "min_margin is \(minMargin), where 0 or more would be right"))
    }
    if let ratio = maxLengthRatio, !(ratio >= 1) {
      problems.append(
        SettingProblem(
          "max_length_ratio", "max_length_ratio is \(ratio), where 1 or more would be right"))
    }
    if !(1...2048).contains(pairsPerPrompt) {
      problems.append(
        SettingProblem(
          "pairs_per_prompt",
          "pairs_per_prompt is \(pairsPerPrompt), where 1 or more would be right"))
    }
    if !(lengthPenalty >= 0 && lengthPenalty.isFinite) {
      problems.append(
        SettingProblem(
          "length_penalty", "length_penalty is \(lengthPenalty), where 0 or more would be right"))
    }
    for (key, bound) in [
      ("min_chosen_score", minChosenScore), ("max_rejected_score", maxRejectedScore),
    ] where !(bound ?? 0).isFinite {
      problems.append(SettingProblem(key, "\(key) has to be a finite number"))
    }
    return problems
  }
}

/// Pairs the best answer with the worst, where the two differ enough to teach something.
///
/// Equal scores make no pair: trained on, they would teach whichever came first. Answers that say the
/// same make none either, nor those that never ended, whose worth is unknown.
struct PairingRule {
  let settings: PairingSettings

  init(_ settings: PairingSettings) { self.settings = settings }

  /// An answer's index, for both.
  struct Pair: Equatable {
    var chosen: Int
    var rejected: Int
  }

  /// Why a prompt gives no pair, in the order in which it is asked.
  enum Lack: String, CaseIterable {
    /// Fewer than two different answers that ended.
    case answers = "too_few_answers"
    case tie = "ties"
    case margin = "small_margin"
    case quality = "no_good_over_bad"
    case length = "unequal_lengths"

    /// The one that is asked last: nearer to a pair.
    func later(_ other: Lack) -> Lack {
      let order = Lack.allCases
      return (order.firstIndex(of: self) ?? 0) >= (order.firstIndex(of: other) ?? 0) ? self : other
    }
  }

  /// The pairs of a row with scores, those of the greatest margin first; or why there is none.
  ///
  /// No answer is in two pairs. Of equal margins the one that came first is taken.
  func pairs(_ row: CompletionRow) -> (pairs: [Pair], lack: Lack?) {
    var usable = row.distinctAnswers(requireStop: settings.requireStop)
    guard usable.count > 1 else { return ([], .answers) }
    var pairs: [Pair] = []
    var lack = Lack.tie
    while pairs.count < settings.pairsPerPrompt {
      let (best, reason) = best(usable, row)
      guard let best else {
        lack = reason
        break
      }
      pairs.append(best)
      usable.removeAll { $0 == best.chosen || $0 == best.rejected }
    }
    return (pairs, pairs.isEmpty ? lack : nil)
  }

  private func best(_ usable: [Int], _ row: CompletionRow) -> (Pair?, Lack) {
    var best: (pair: Pair, margin: Double)?
    var reached = Lack.tie
    for chosen in usable {
      for rejected in usable {
        let margin = value(chosen, row) - value(rejected, row)
        guard margin > 0 else { continue }
        if let lack = lack(chosen, rejected, margin, row) {
          reached = reached.later(lack)
          continue
        }
        if margin > best?.margin ?? 0 { best = (Pair(chosen: chosen, rejected: rejected), margin) }
      }
    }
    return (best?.pair, reached)
  }

  /// What an answer is compared by.
  func value(_ index: Int, _ row: CompletionRow) -> Double {
    guard settings.lengthPenalty > 0 else { return row.scores[index] }
    return row.scores[index] - settings.lengthPenalty * Double(row.length(index))
  }

  private func lack(
    _ chosen: Int, _ rejected: Int, _ margin: Double, _ row: CompletionRow
  ) -> Lack? {
    guard margin >= settings.minMargin else { return .margin }
    guard row.scores[chosen] >= settings.minChosenScore ?? -.infinity,
      row.scores[rejected] <= settings.maxRejectedScore ?? .infinity
    else { return .quality }
    return isFair(row.length(chosen), row.length(rejected)) ? nil : .length
  }

  private func isFair(_ first: Int, _ second: Int) -> Bool {
    guard let ratio = settings.maxLengthRatio else { return true }
    return Double(max(first, second)) <= ratio * Double(max(1, min(first, second)))
  }
}
