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
    case length = "unequal_lengths"
  }

  /// The pairs of a row with scores, those of the greatest margin first; or why there is none.
  ///
  /// No answer is in two pairs. Of equal margins the one that came first is taken.
  func pairs(_ row: CompletionRow) -> (pairs: [Pair], lack: Lack?) {
    var usable = usable(row)
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

  /// Answers with a text of their own that ended.
  private func usable(_ row: CompletionRow) -> [Int] {
    var seen: Set<String> = []
    return row.completions.indices.filter { index in
      let answer = row.completions[index]
      // Templates take white space off the ends, so answers that differ in it are the same.
      let text = answer.text.trimmingWhitespace
      guard !text.isEmpty, !text.utf8.contains(0), answer.hasEnded || !settings.requireStop else {
        return false
      }
      return seen.insert(text).inserted
    }
  }

  private func best(_ usable: [Int], _ row: CompletionRow) -> (Pair?, Lack) {
    var best: (pair: Pair, margin: Double)?
    var reached = Lack.tie
    for chosen in usable {
      for rejected in usable {
        let margin = row.scores[chosen] - row.scores[rejected]
        guard margin > 0 else { continue }
        guard margin >= settings.minMargin else {
          if reached == .tie { reached = .margin }
          continue
        }
        guard isFair(row.length(chosen), row.length(rejected)) else {
          reached = .length
          continue
        }
        if margin > best?.margin ?? 0 { best = (Pair(chosen: chosen, rejected: rejected), margin) }
      }
    }
    return (best?.pair, reached)
  }

  private func isFair(_ first: Int, _ second: Int) -> Bool {
    guard let ratio = settings.maxLengthRatio else { return true }
    return Double(max(first, second)) <= ratio * Double(max(1, min(first, second)))
  }
}

extension CompletionRow {
  /// An answer's tokens; its characters, where the file has no tokens.
  func length(_ index: Int) -> Int {
    let answer = completions[index]
    return answer.completion.tokens.isEmpty ? answer.text.count : answer.completion.tokens.count
  }
}

extension String {
  /// Without white space at either end.
  var trimmingWhitespace: String {
    var rest = self[...]
    while rest.first?.isWhitespace == true { rest.removeFirst() }
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return String(rest)
  }
}
