import Foundation
import Testing

@testable import Objectives

/// What TRL and transformers say of given log-probabilities; see Goldens/README.md.
struct Peers: Decodable {
  struct Supervised: Decodable {
    var logProbabilities: [[Float]]
    var isLearned: [[Bool]]
    var loss: Double
    var dynamicLoss: Double
    var tokens: Int
  }

  struct Preference: Decodable {
    struct Loss: Decodable {
      var name: String
      var loss: Double
      var slopes: [Double]
    }

    var beta: Double
    var policy: [[Float]]
    var reference: [[Float]]
    var losses: [Loss]
    var sigmoidPlusHalfLikelihood: Double
    var metrics: [String: Double]
  }

  struct Ranking: Decodable {
    var scores: [Float]
    var margins: [Double]
    var loss: Double
    var lossWithMargins: Double
    var lossCentered: Double
    var accuracy: Double
  }

  struct PolicyGradient: Decodable {
    struct Case: Decodable {
      var aggregation: PolicyGradientLoss
      var tokens: Int?
      var beta: Double
      var loss: Double
      var metrics: [String: Double]
      var slopes: [[Float]]
    }

    var epsilon: Double
    var maximumLength: Int
    var rewards: [[Double]]
    var advantages: [Double]
    var policy: [[Float]]
    var old: [[Float]]
    var reference: [[Float]]
    var cases: [Case]
  }

  /// TRL's own loss functions in float64 on drawn log-probabilities.
  struct Preferences: Decodable {
    struct Case: Decodable {
      var name: String
      var lossType: [String]
      var settings: Settings
      var loss: Double
      var slopes: [[[Double]]]
      var metrics: [String: Double]
    }

    struct Settings: Decodable {
      var beta: Double?
      var labelSmoothing: Double?
      var ldAlpha: Double?
      var fDivergenceType: PolicyDivergence?
      var fAlphaDivergenceCoef: Double?
      var lossWeights: [Double]?
      var useWeighting: Bool?
      var simpoGamma: Double?
      var cpoAlpha: Double?
      var alpha: Double?
    }

    struct Judgement: Decodable {
      var lossType: JudgementObjective.Loss
      var shift: Double
      var settings: [String: Double]
      var loss: Double
      var slopes: [[Double]]
    }

    var policy: [[Float]]
    var reference: [[Float]]
    var concentration: [[Float]]
    var mismatched: [[Float]]
    var mismatchedReference: [[Float]]
    var labels: [Bool]
    var cases: [Case]
    var judgements: [Judgement]

    static func load() throws -> Preferences {
      let file = try #require(
        Bundle.module.url(
          forResource: "preferences", withExtension: "json", subdirectory: "Goldens"))
      let decoder = JSONDecoder()
      decoder.keyDecodingStrategy = .convertFromSnakeCase
      return try decoder.decode(Preferences.self, from: Data(contentsOf: file))
    }
  }

  var sft: Supervised
  var dpo: Preference
  var rm: Ranking
  var grpo: PolicyGradient

  static func load() throws -> Peers {
    let file = try #require(
      Bundle.module.url(forResource: "peers", withExtension: "json", subdirectory: "Goldens"))
    return try JSONDecoder().decode(Peers.self, from: Data(contentsOf: file))
  }
}

/// A whole batch through an objective, in order: its loss, the slopes of each example, its metrics.
func evaluateBatch<O: Objective>(
  _ objective: O, _ examples: [O.Example], policy: [[[Float]]], totals given: BatchTotals? = nil
) -> (loss: Double, slopes: [[[Float]]], metrics: Metrics) {
  var totals = BatchTotals()
  for (example, sequences) in zip(examples, policy) {
    totals += objective.totals(example, lengths: sequences.map(\.count))
  }
  var loss = 0.0
  var slopes: [[[Float]]] = []
  var metrics = Metrics()
  for (example, sequences) in zip(examples, policy) {
    let value = objective.evaluate(
      example, policy: sequences.map { $0[...] }, totals: given ?? totals)
    loss += value.loss
    slopes.append(value.slopes)
    metrics.merge(value.metrics)
  }
  return (loss, slopes, metrics)
}

/// A batch with what a survey of it finds: observations of each example, then the examples that are told.
func surveyed<O: Objective>(
  _ objective: O, _ examples: [O.Example], views: [PolicyView], state: [Double] = []
) -> Survey<O.Example> {
  guard objective.survey != .none else { return Survey(examples: examples, state: state) }
  let observations = zip(examples, views).map { objective.observe($0, $1) }
  return objective.informed(examples, observations, state: state)
}

/// Checks every slope against (L(x + h) − L(x − h)) / 2h with h = 2⁻¹⁰, which Float holds exactly beside −3.25.
func expectSlopes<O: Objective>(
  _ objective: O, _ examples: [O.Example], policy: [[[Float]]], within tolerance: Double = 2e-6
) {
  let slopes = evaluateBatch(objective, examples, policy: policy).slopes
  let step: Float = 1.0 / 1024
  for (row, sequences) in policy.enumerated() {
    for (sequence, tokens) in sequences.enumerated() {
      for token in tokens.indices {
        var up = policy
        var down = policy
        up[row][sequence][token] += step
        down[row][sequence][token] -= step
        let difference =
          (evaluateBatch(objective, examples, policy: up).loss
            - evaluateBatch(objective, examples, policy: down).loss) / (2 * Double(step))
        #expect(
          abs(difference - Double(slopes[row][sequence][token])) < tolerance,
          "example \(row), sequence \(sequence), token \(token)")
      }
    }
  }
}
