import Glibc
import Testing

@testable import Objectives

@Suite struct PolicyGradientTests {
  /// ρ = e and ρ = 1/e clip to 1.2 and 0.8 where that is the worse bargain.
  @Test(arguments: [
    (Float(1), 1.0, -1.2, Float(0)), (1, -1, M_E, Float(M_E)), (-1, 1, -1 / M_E, Float(-1 / M_E)),
    (-1, -1, 0.8, 0),
  ])
  func ratiosAreClippedOnlyWhereThatHoldsThePolicyBack(
    difference: Float, advantage: Double, loss: Double, slope: Float
  ) {
    let example = PolicyGradientObjective.Example(advantage: advantage, old: [-2])
    let batch = evaluateBatch(
      PolicyGradientObjective(), [example], policy: [[[-2 + difference]]])
    #expect(abs(batch.loss - loss) < 1e-6)
    #expect(abs(batch.slopes[0][0][0] - slope) < 1e-6)
  }

  /// Without old log-probabilities ρ is exactly 1: the loss is −A, and each token's slope −A over the tokens.
  @Test func onPolicyTheRatioIsExactlyOne() {
    let example = PolicyGradientObjective.Example(advantage: 0.7)
    let batch = evaluateBatch(PolicyGradientObjective(), [example], policy: [[[-1.3, -0.2]]])
    #expect(batch.loss == -0.7)
    #expect(batch.slopes == [[[-0.35, -0.35]]])
    #expect(batch.metrics["clip_ratio/region_mean"] == 0)
  }

  /// A = −1 and ρ = e⁴ costs 54.6 in GRPO; bounded by δ = 3 it costs 3, and pulls no more.
  @Test func deltaBoundsWhatABadCompletionCanCost() {
    let example = PolicyGradientObjective.Example(advantage: -1, old: [-5])
    let bounded = PolicyGradientObjective(delta: 3)
    let batch = evaluateBatch(bounded, [example], policy: [[[-1]]])
    #expect(batch.loss == 3)
    #expect(batch.slopes == [[[0]]])
  }

  @Test(arguments: PolicyGradientObjective.Aggregation.allCases, [0, 0.04])
  func slopesAreThoseOfTheLoss(
    aggregation: PolicyGradientObjective.Aggregation, beta: Double
  ) {
    let objective = PolicyGradientObjective(
      epsilonHigh: 0.28, delta: 4, beta: beta, isDivergenceCorrected: aggregation != .longest,
      aggregation: aggregation, maximumLength: 8)
    let policy: [[[Float]]] = [[[-1, -2.5, -0.5]], [[-3.25, -1.5]], [[-0.75]]]
    let examples: [PolicyGradientObjective.Example] = [
      .init(advantage: 1.25, old: [-1.5, -2.25, -0.5], reference: [-1, -2, -1]),
      .init(advantage: -0.5, old: [-3.5, -0.5], reference: [-3, -2]),
      .init(advantage: -0.75, old: [-4], reference: [-0.5], isLearned: false),
    ]
    expectSlopes(objective, examples, policy: policy)
  }

  /// At d = ref − π = 1: e − 2 = 0.71828; half of it where π is half as likely as when the token was sampled.
  @Test func theDivergenceIsWeightedByTheRatioUnlessToldOtherwise() {
    let example = PolicyGradientObjective.Example(
      advantage: 0, old: [-2 + Float(log(2.0))], reference: [-1])
    for (isCorrected, expected) in [(true, (M_E - 2) / 2), (false, M_E - 2)] {
      let objective = PolicyGradientObjective(beta: 0.5, isDivergenceCorrected: isCorrected)
      let batch = evaluateBatch(objective, [example], policy: [[[-2]]])
      #expect(abs(batch.loss - expected / 2) < 1e-7)
      #expect(abs((batch.metrics["kl"] ?? 0) - expected) < 1e-7)
    }
  }

  @Test func aCompletionLeftOutCountsForNothing() {
    let examples: [PolicyGradientObjective.Example] = [
      .init(advantage: 1), .init(advantage: -1, isLearned: false),
    ]
    let batch = evaluateBatch(
      PolicyGradientObjective(), examples, policy: [[[-1, -1]], [[-2, -2, -2]]])
    #expect(batch.loss == -1)
    #expect(batch.slopes[1] == [[0, 0, 0]])
  }

  @Test func advantagesAreTRLs() throws {
    let peer = try Peers.load().grpo
    let ours = groupAdvantages(rewards: peer.rewards).joined()
    #expect(ours.count == 8)
    for (value, expected) in zip(ours, peer.advantages) { #expect(abs(value - expected) < 1e-6) }
  }

  /// Rewards 1, 0 and 3, 3: the group's deviation is √½, the batch's √(9/4); equal rewards teach nothing.
  @Test func advantagesScaleByGroupByBatchOrNotAtAll() {
    let rewards = [[1.0, 0], [3, 3], [2]]
    #expect(groupAdvantages(rewards: rewards, scale: .none) == [[0.5, -0.5], [0, 0], [0]])
    let group = 0.5 / (0.5.squareRoot() + 1e-4)
    #expect(groupAdvantages(rewards: rewards)[0] == [group, -group])
    let batch = 0.5 / (sampleDeviation([1, 0, 3, 3, 2]) + 1e-4)
    #expect(groupAdvantages(rewards: rewards, scale: .batch)[0] == [batch, -batch])
    #expect(groupAdvantages(rewards: [[0.1, 0.1, 0.1]]) == [[0, 0, 0]])
  }

  @Test func lossesSlopesAndMetricsAreTRLs() throws {
    let peer = try Peers.load().grpo
    let policy = peer.policy.map { [$0] }
    var checked = 0
    for golden in peer.cases {
      let objective = PolicyGradientObjective(
        epsilonLow: peer.epsilon, epsilonHigh: peer.epsilon, beta: golden.beta,
        aggregation: golden.aggregation, maximumLength: peer.maximumLength)
      let examples = peer.advantages.indices.map {
        PolicyGradientObjective.Example(
          advantage: peer.advantages[$0], old: peer.old[$0], reference: peer.reference[$0])
      }
      let totals = golden.tokens.map { BatchTotals(examples: 8, sequences: 8, tokens: $0) }
      let batch = evaluateBatch(objective, examples, policy: policy, totals: totals)
      let name = "\(golden.aggregation.rawValue) \(golden.beta)"
      #expect(abs(batch.loss - golden.loss) < 1e-6, "\(name)")
      for (ours, expected) in zip(batch.slopes, golden.slopes) {
        for (slope, other) in zip(ours[0], expected) {
          #expect(abs(slope - other) < 1e-6, "\(name)")
          checked += 1
        }
      }
      for (metric, value) in golden.metrics {
        let ours = try #require(batch.metrics[metric], "\(metric)")
        #expect(abs(ours - value) < 1e-6, "\(name) \(metric)")
      }
    }
    #expect(checked == 10 * 63)
  }
}
