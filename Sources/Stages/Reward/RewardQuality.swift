import Glibc
import OrderedCollections
import Rewards

/// How well a reward model judges pairs that it has not learned from, and whether it judges their length.
struct RewardQuality {
  /// A pair's scores and the lengths of its two answers, in tokens.
  struct Judgement: Equatable {
    var chosen: Double
    var rejected: Double
    var chosenLength: Int
    var rejectedLength: Int
  }

  let judgements: [Judgement]

  /// The share of pairs whose better answer scores higher, equal scores counting half, with its 95 % interval.
  var accuracy: Estimate {
    let right = judgements.reduce(0.0) { sum, pair in
      sum + (pair.chosen > pair.rejected ? 1 : pair.chosen == pair.rejected ? 0.5 : 0)
    }
    return wilsonInterval(successes: right, of: judgements.count)
  }

  /// Among pairs of different lengths the share where the longer answer scores higher, and where it is the chosen one.
  ///
  /// The second is the data's own bias: a model whose first is far above it has learned length.
  var longer: (scored: Double, chosen: Double)? {
    let unequal = judgements.filter { $0.chosenLength != $0.rejectedLength }
    guard !unequal.isEmpty else { return nil }
    let scored = unequal.reduce(0.0) { sum, pair in
      let lead = pair.chosen - pair.rejected
      let isChosenLonger = pair.chosenLength > pair.rejectedLength
      return sum + (lead == 0 ? 0.5 : (lead > 0) == isChosenLonger ? 1 : 0)
    }
    let chosen = unequal.count { $0.chosenLength > $0.rejectedLength }
    return (scored / Double(unequal.count), Double(chosen) / Double(unequal.count))
  }

  /// Pearson's correlation of an answer's score with its length; nil where either is constant.
  var lengthCorrelation: Double? {
    let scores = judgements.flatMap { [$0.chosen, $0.rejected] }
    let lengths = judgements.flatMap { [Double($0.chosenLength), Double($0.rejectedLength)] }
    let (scoreMean, lengthMean) = (mean(scores), mean(lengths))
    var (products, scoreSquares, lengthSquares) = (0.0, 0.0, 0.0)
    for (score, length) in zip(scores, lengths) {
      products += (score - scoreMean) * (length - lengthMean)
      scoreSquares += (score - scoreMean) * (score - scoreMean)
      lengthSquares += (length - lengthMean) * (length - lengthMean)
    }
    guard scoreSquares > 0, lengthSquares > 0 else { return nil }
    return products / (scoreSquares.squareRoot() * lengthSquares.squareRoot())
  }

  /// The expected calibration error (arXiv:1706.04599, equation 3) over ten bins of confidence.
  ///
  /// The model says that the higher score wins with probability σ(|Δ|), from ½ to 1; per bin that is compared with how often
  /// it does. 0 is a model that means what it says; equal scores are right half of the time, and say so.
  var calibrationError: Double {
    var bins = Array(repeating: (confidence: 0.0, right: 0.0), count: 10)
    for pair in judgements {
      let lead = pair.chosen - pair.rejected
      let confidence = 1 / (1 + exp(-abs(lead)))
      let bin = min(9, Int((confidence - 0.5) * 20))
      bins[bin].confidence += confidence
      bins[bin].right += lead > 0 ? 1 : lead == 0 ? 0.5 : 0
    }
    return bins.reduce(0) { $0 + abs($1.confidence - $1.right) } / Double(max(1, judgements.count))
  }

  /// Under the names of the closing table.
  var summary: OrderedDictionary<String, Double> {
    let accuracy = accuracy
    var summary: OrderedDictionary<String, Double> = [
      "eval_accuracy": accuracy.mean, "eval_accuracy/low": accuracy.low,
      "eval_accuracy/high": accuracy.high, "eval_pairs": Double(judgements.count),
      "eval_margin": mean(judgements.map { $0.chosen - $0.rejected }),
      "eval_calibration_error": calibrationError,
    ]
    if let longer {
      summary["eval_longer_wins"] = longer.scored
      summary["eval_longer_chosen"] = longer.chosen
    }
    if let lengthCorrelation { summary["eval_length_correlation"] = lengthCorrelation }
    return summary
  }
}
