import OrderedCollections

/// What became of the prompts.
struct PairTally {
  private var prompts = 0
  private var pairs = 0
  private var repeated = 0
  private var lacks: [PairingRule.Lack] = []
  private var margins: [Double] = []
  private var chosenLengths: [Double] = []
  private var rejectedLengths: [Double] = []

  /// `repeated` counts pairs that an earlier row gave as well.
  mutating func add(
    _ row: CompletionRow, _ found: [PairingRule.Pair], _ lack: PairingRule.Lack?, repeated: Int,
    _ rule: PairingRule
  ) {
    prompts += 1
    pairs += found.count
    self.repeated += repeated
    if let lack { lacks.append(lack) }
    for pair in found {
      margins.append(rule.value(pair.chosen, row) - rule.value(pair.rejected, row))
      chosenLengths.append(Double(row.length(pair.chosen)))
      rejectedLengths.append(Double(row.length(pair.rejected)))
    }
  }

  private func count(_ lack: PairingRule.Lack) -> Int { lacks.count { $0 == lack } }

  /// Among pairs of different lengths, the share of which the longer answer is the better one.
  private var chosenLonger: Double? {
    let longer = zip(chosenLengths, rejectedLengths).count { $0 > $1 }
    let shorter = zip(chosenLengths, rejectedLengths).count { $0 < $1 }
    return longer + shorter == 0 ? nil : Double(longer) / Double(longer + shorter)
  }

  var summary: OrderedDictionary<String, Double> {
    var summary: OrderedDictionary<String, Double> = [
      "prompts": Double(prompts), "pairs": Double(pairs), "margin": mean(margins),
      "chosen/mean_length": mean(chosenLengths), "rejected/mean_length": mean(rejectedLengths),
      "unused_share": Double(lacks.count) / Double(max(1, prompts)),
      "unused_prompts": Double(lacks.count), "repeated_pairs": Double(repeated),
    ]
    if let chosenLonger { summary["chosen_longer"] = chosenLonger }
    for lack in PairingRule.Lack.allCases {
      summary["unused/\(lack.rawValue)"] = Double(count(lack))
    }
    return summary
  }

  /// Why prompts gave no pair, each with the setting that decides.
  var reasons: String {
    "\(count(.answers)) have fewer than two different answers that ended, "
      + "\(count(.tie)) only answers of equal score, \(count(.margin)) only margins below "
      + "min_margin, \(count(.quality)) no answer of min_chosen_score over one of max_rejected_score, "
      + "\(count(.length)) only lengths beyond max_length_ratio"
  }
}
