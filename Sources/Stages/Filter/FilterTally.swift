import JSON
import OrderedCollections

/// What a filter has kept, and why it has not kept the rest.
struct FilterTally {
  enum Reason: String, CaseIterable {
    case duplicate
    case contaminated
    case tooShort = "too_short"
    case tooLong = "too_long"
    case scoreBelow = "score_below"
    case scoreAbove = "score_above"
    case marginBelow = "margin_below"
    case notSampled = "not_sampled"
    case passRateBelow = "pass_rate_below"
    case passRateAbove = "pass_rate_above"
    case notPassed = "not_passed"
    case notEnded = "not_ended"
    case empty
    case similar
    case overTheCap = "over_the_cap"
    case notDrawn = "not_drawn"
  }

  /// `rows`, or `answers` of which there are several to a prompt.
  let unit: String
  private(set) var total = 0
  var kept = 0
  var heldOut = 0
  private var counts: [Int]
  private var lines: [UInt8] = []

  init(unit: String) {
    self.unit = unit
    counts = Reason.allCases.map { _ in 0 }
  }

  /// What came in.
  mutating func read(_ count: Int) { total += count }

  /// A row or an answer that is left out; `detail` says what was found.
  mutating func drop(_ reason: Reason, row: Int, answer: Int? = nil, detail: String? = nil) {
    counts[Reason.allCases.firstIndex(of: reason) ?? 0] += 1
    var line: JSON = ["row": .integer(row)]
    if let answer { line["answer"] = .integer(answer + 1) }
    line["reason"] = .string(reason.rawValue)
    if let detail { line["detail"] = .string(detail) }
    lines += Array((line.serialized(.compact) + "\n").utf8)
  }

  /// So many that passed every test and were not drawn.
  mutating func dropUndrawn(_ count: Int) {
    counts[Reason.allCases.firstIndex(of: .notDrawn) ?? 0] += count
  }

  /// A line for each that was left out: `dropped.jsonl`.
  var dropped: [UInt8] { lines }

  private var reasons: [(name: String, count: Int)] {
    zip(Reason.allCases, counts).filter { $0.1 > 0 }.map { ($0.0.rawValue, $0.1) }
  }

  var summary: OrderedDictionary<String, Double> {
    var summary: OrderedDictionary<String, Double> = [
      unit: Double(total), "kept": Double(kept),
      "kept_share": Double(kept + heldOut) / Double(max(1, total)),
    ]
    if heldOut > 0 { summary["held_out"] = Double(heldOut) }
    for (name, count) in reasons { summary["dropped/\(name)"] = Double(count) }
    return summary
  }

  var json: JSON {
    [
      "unit": .string(unit), "read": .integer(total), "kept": .integer(kept),
      "held_out": .integer(heldOut),
      "dropped": .object(
        OrderedDictionary(uniqueKeysWithValues: reasons.map { ($0.name, JSON.integer($0.count)) })),
    ]
  }

  /// `3 contaminated, 5 too_long`.
  var words: String { reasons.map { "\($0.count) \($0.name)" }.joined(separator: ", ") }
}
