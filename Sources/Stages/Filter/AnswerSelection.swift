import Datasets
import JSON
import Pipeline
import Randomness

/// Which scored answers become rows to learn from: those that pass, end and differ.
///
/// Rejection-sampling fine-tuning learns more of several ways to an answer than of one way several
/// times (Yuan et al., arXiv:2308.01825), so that of more than `max_per_prompt` answers those are taken
/// that have least in common.
struct AnswerSelection {
  let settings: FilterSettings
  /// Draws the answer that is taken first.
  let random: CoordinateRandom

  /// The answers of a row that are kept, ascending; the others go into the tally.
  func answers(of row: CompletionRow, _ tally: inout FilterTally) throws -> [Int] {
    let rate = try settings.passRate(row)
    if let reason = settings.objection(toPassRate: rate) {
      for index in row.completions.indices {
        tally.drop(reason, row: row.row, answer: index, detail: "pass rate \(rate)")
      }
      return []
    }
    let distinct = row.distinctAnswers(requireStop: settings.requireStop)
    var candidates: [Int] = []
    for index in row.completions.indices {
      if let reason = try objection(row, index, distinct) {
        tally.drop(reason, row: row.row, answer: index)
      } else {
        candidates.append(index)
      }
    }
    return mostDifferent(candidates, of: row, &tally)
  }

  private func objection(
    _ row: CompletionRow, _ index: Int, _ distinct: [Int]
  ) throws -> FilterTally.Reason? {
    guard try settings.passes(row, index) else { return .notPassed }
    let score = row.scores[index]
    if score < settings.minScore ?? -.infinity { return .scoreBelow }
    if score > settings.maxScore ?? .infinity { return .scoreAbove }
    if row.length(index) < settings.minLength ?? 0 { return .tooShort }
    if row.length(index) > settings.maxLength ?? .max { return .tooLong }
    guard !distinct.contains(index) else { return nil }
    let answer = row.completions[index]
    if !answer.hasEnded && settings.requireStop { return .notEnded }
    let isEmpty = answer.text.trimmingWhitespace.isEmpty || answer.text.utf8.contains(0)
    return isEmpty ? .empty : .duplicate
  }

  /// One drawn at random, then again and again the one that is least like those taken.
  private func mostDifferent(
    _ candidates: [Int], of row: CompletionRow, _ tally: inout FilterTally
  ) -> [Int] {
    let limit = settings.maxPerPrompt ?? .max
    guard candidates.count > limit || settings.maxSimilarity < 1 else { return candidates }
    let runs = candidates.map { Runs(row.completions[$0].text) }
    var left = Array(candidates.indices)
    var taken: [Int] = []
    var likeness = candidates.map { _ in 0.0 }
    while !left.isEmpty, taken.count < limit {
      let place =
        taken.isEmpty
        ? random.below(left.count, UInt64(row.row))
        : left.indices.min { (likeness[left[$0]], $0) < (likeness[left[$1]], $1) } ?? 0
      let next = left.remove(at: place)
      guard likeness[next] <= settings.maxSimilarity else {
        tally.drop(.similar, row: row.row, answer: candidates[next])
        continue
      }
      taken.append(next)
      for other in left { likeness[other] = max(likeness[other], runs[next].likeness(runs[other])) }
    }
    for other in left { tally.drop(.overTheCap, row: row.row, answer: candidates[other]) }
    return taken.map { candidates[$0] }.sorted()
  }
}

/// A text's runs of five characters, for telling how much two texts have in common.
private struct Runs {
  private var hashes: Set<UInt64> = []

  init(_ text: String) {
    let scalars = Array(text.unicodeScalars)
    let length = min(5, scalars.count)
    for start in 0...max(0, scalars.count - length) where length > 0 {
      hashes.insert(
        scalars[start..<start + length].reduce(0xCBF2_9CE4_8422_2325) {
          ($0 ^ UInt64($1.value)) &* 0x0000_0100_0000_01B3
        })
    }
  }

  /// The share of all their runs that both have (Jaccard): 1 for equal texts.
  func likeness(_ other: Runs) -> Double {
    let common = hashes.intersection(other.hashes).count
    let all = hashes.count + other.hashes.count - common
    return all == 0 ? 1 : Double(common) / Double(all)
  }
}
