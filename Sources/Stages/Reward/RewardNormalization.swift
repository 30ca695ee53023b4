import JSON
import Objectives
import OrderedCollections
import Pipeline

/// Where a reward model's scores lie, so that they can be brought to mean 0 and deviation 1 wherever they are used.
///
/// Kept in `config.json` as `mean` and `std` beside `normalize_reward`, as OpenRLHF does: the scores of models, or of a model and a
/// rule, can be added up only if they are of one size.
struct RewardNormalization: Equatable {
  var mean: Double
  var deviation: Double

  /// Of all scores together, the deviation over n − 1; scores that are all equal are only shifted.
  init(of scores: [Double]) {
    mean = scores.isEmpty ? 0 : scores.reduce(0, +) / Double(scores.count)
    let deviation = sampleDeviation(scores)
    self.deviation = deviation > 0 && deviation.isFinite ? deviation : 1
  }

  /// What a model's `config.json` says; nil if it says nothing.
  init?(_ configuration: JSON) {
    guard let mean = configuration["mean"]?.double, let deviation = configuration["std"]?.double,
      mean.isFinite, deviation.isFinite, deviation > 0
    else { return nil }
    self.mean = mean
    self.deviation = deviation
  }

  func callAsFunction(_ score: Double) -> Double { (score - mean) / deviation }

  /// What `config.json` gets.
  var entries: OrderedDictionary<String, JSON> {
    ["normalize_reward": true, "mean": .number(mean), "std": .number(deviation)]
  }
}
