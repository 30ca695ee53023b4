import Glibc
import Testing

@testable import Objectives

@Suite struct PolicyGradientTests {
  private static func objective(
    _ loss: PolicyGradientLoss = .dapo, _ change: (inout PolicyGradientObjective) -> Void = { _ in }
  ) -> PolicyGradientObjective {
    var objective = PolicyGradientObjective(loss)
    change(&objective)
    return objective
  }

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
    #expect(batch.metrics["ratio/max"] == nil)
  }

  /// On-policy all losses but `luspo` and `vespo` move one token alike: by −A.
  @Test(arguments: PolicyGradientLoss.allCases, ImportanceSamplingLevel.allCases)
  func onPolicyTheSlopeIsTheAdvantage(loss: PolicyGradientLoss, level: ImportanceSamplingLevel) {
    let objective = Self.objective(loss) {
      $0.level = level
      $0.epsilonHigh = loss == .cispo ? 5 : 0.2
      $0.maximumLength = 2
    }
    let policy: [Float] = [-1.25, -0.5]
    let example = PolicyGradientObjective.Example(advantage: -0.5, old: policy)
    let batch = evaluateBatch(objective, [example], policy: [[policy]])
    #expect(batch.metrics["ratio/min"] == 1)
    #expect(batch.metrics["ratio/max"] == 1)
    let expected: Float = loss == .luspo ? 0.5 : 0.25
    #expect(batch.slopes == [[[expected, expected]]])
  }

  /// A = −1 and ρ = e⁴ costs 54.6 in GRPO; bounded by 3, as a ratio or as a cost, it costs 3 and pulls no more.
  @Test func twoBoundsHoldWhatABadCompletionCanCost() {
    let example = PolicyGradientObjective.Example(advantage: -1, old: [-5])
    for bounded in [Self.objective { $0.delta = 3 }, Self.objective { $0.dualClip = 3 }] {
      let batch = evaluateBatch(bounded, [example], policy: [[[-1]]])
      #expect(batch.loss == 3)
      #expect(batch.slopes == [[[0]]])
      let good = PolicyGradientObjective.Example(advantage: 1, old: [-1.125])
      let free = evaluateBatch(bounded, [good], policy: [[[-1]]])
      #expect(free.slopes == evaluateBatch(Self.objective(), [good], policy: [[[-1]]]).slopes)
    }
  }

  private static let policy: [[[Float]]] = [[[-1, -2.5, -0.5]], [[-3.25, -1.5]], [[-0.75]]]
  private static let examples: [PolicyGradientObjective.Example] = [
    .init(advantage: 1.25, old: [-1.5, -2.25, -0.5], reference: [-1, -2, -1]),
    .init(advantage: -0.5, old: [-3.5, -1.375], reference: [-3, -2]),
    .init(advantage: -0.75, old: [-4], reference: [-0.5], isLearned: false),
  ]

  @Test(
    arguments: [PolicyGradientLoss.grpo, .bnpo, .drGRPO, .dapo, .luspo, .sapo],
    [ImportanceSamplingLevel.token, .sequence])
  func slopesAreThoseOfTheLoss(loss: PolicyGradientLoss, level: ImportanceSamplingLevel) {
    for estimate in DivergenceEstimate.allCases {
      for (beta, isCorrected) in [(0, true), (0.04, true), (0.04, false)] {
        let objective = Self.objective(loss) {
          ($0.level, $0.epsilonHigh, $0.delta, $0.dualClip) = (level, 0.28, 4, 3.5)
          ($0.beta, $0.divergence, $0.isDivergenceCorrected) = (beta, estimate, isCorrected)
          $0.maximumLength = 8
        }
        Self.expectExactSlopes(objective, Self.examples)
      }
    }
  }

  /// `cispo` and `vespo` hold the ratio while they differentiate: old log-probabilities move along.
  @Test(arguments: [PolicyGradientLoss.cispo, .vespo], [ImportanceSamplingLevel.token, .sequence])
  func slopesAreThoseOfTheLossAtTheSameRatio(
    loss: PolicyGradientLoss, level: ImportanceSamplingLevel
  ) {
    let objective = Self.objective(loss) { ($0.level, $0.epsilonHigh) = (level, 1.25) }
    Self.expectExactSlopes(objective, Self.examples, holdingRatios: true)
  }

  /// With one advantage for all tokens GSPO-token has GSPO's slopes; a token that is left out loses its own.
  @Test func eachTokensSlopeIsItsOwnInSequenceToken() {
    let shared = Self.objective { $0.level = .sequence }
    let own = Self.objective { $0.level = .sequenceToken }
    let first = evaluateBatch(shared, Self.examples, policy: Self.policy).slopes
    let second = evaluateBatch(own, Self.examples, policy: Self.policy).slopes
    for (one, other) in zip(first.joined().joined(), second.joined().joined()) {
      #expect(abs(one - other) < 1e-7)
    }
    var example = Self.examples[1]
    example.isKept = [true, false]
    let kept = evaluateBatch(own, [example], policy: [Self.policy[1]]).slopes[0][0]
    #expect(kept[0] != 0)
    #expect(kept[1] == 0)
    let spread = evaluateBatch(shared, [example], policy: [Self.policy[1]]).slopes[0][0]
    #expect(spread[0] == spread[1])
  }

  /// Central differences over steps of 2⁻⁸ and 2⁻⁹, extrapolated (Richardson): what is left is of the fourth order.
  private static func expectExactSlopes(
    _ objective: PolicyGradientObjective, _ examples: [PolicyGradientObjective.Example],
    holdingRatios: Bool = false
  ) {
    let slopes = evaluateBatch(objective, examples, policy: policy).slopes
    func loss(_ row: Int, _ token: Int, _ step: Float) -> Double {
      var (moved, examples) = (policy, examples)
      moved[row][0][token] += step
      if holdingRatios { examples[row].old?[token] += step }
      return evaluateBatch(objective, examples, policy: moved).loss
    }
    func difference(_ row: Int, _ token: Int, _ step: Float) -> Double {
      (loss(row, token, step) - loss(row, token, -step)) / (2 * Double(step))
    }
    for row in policy.indices {
      for token in policy[row][0].indices {
        let exact =
          (4 * difference(row, token, 1 / 512) - difference(row, token, 1 / 256)) / 3
        let ours = Double(slopes[row][0][token])
        #expect(
          abs(exact - ours) <= 1e-7 * max(1, abs(exact)),
          "\(objective.loss) \(objective.level), completion \(row), token \(token)")
      }
    }
  }

  /// At d = ref − π = 1: e − 2 = 0.71828; half of it where π is half as likely as when the token was sampled.
  @Test func theDivergenceIsWeightedByTheRatioUnlessToldOtherwise() {
    let example = PolicyGradientObjective.Example(
      advantage: 0, old: [-2 + Float(log(2.0))], reference: [-1])
    for (isCorrected, expected) in [(true, (M_E - 2) / 2), (false, M_E - 2)] {
      let objective = Self.objective { ($0.beta, $0.isDivergenceCorrected) = (0.5, isCorrected) }
      let batch = evaluateBatch(objective, [example], policy: [[[-2]]])
      #expect(abs(batch.loss - expected / 2) < 1e-7)
      #expect(abs((batch.metrics["kl"] ?? 0) - expected) < 1e-7)
    }
  }

  /// At π − ref = −1: k1 = −1, k2 = ½, k3 = e − 2.
  @Test func estimatesOfTheDivergenceAreSchulmans() {
    #expect(DivergenceEstimate.k1.evaluate(-1) == (-1, 1))
    #expect(DivergenceEstimate.k2.evaluate(-1) == (0.5, -1))
    let k3 = DivergenceEstimate.k3.evaluate(-1)
    #expect(abs(k3.value - (M_E - 2)) < 1e-15)
    #expect(abs(k3.slope - (1 - M_E)) < 1e-15)
    for estimate in DivergenceEstimate.allCases { #expect(estimate.evaluate(0).value == 0) }
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

  /// Micro-batches of any size add up to the batch: normalisers are the batch's.
  @Test(arguments: PolicyGradientLoss.allCases)
  func sharesAddUpInAnyDivision(loss: PolicyGradientLoss) {
    let objective = Self.objective(loss)
    var totals = BatchTotals()
    for (example, sequences) in zip(Self.examples, Self.policy) {
      totals += objective.totals(example, lengths: sequences.map(\.count))
    }
    let whole = evaluateBatch(objective, Self.examples, policy: Self.policy)
    var loss = 0.0
    for (example, sequences) in zip(Self.examples, Self.policy) {
      let part = evaluateBatch(objective, [example], policy: [sequences], totals: totals)
      loss += part.loss
    }
    #expect(abs(loss - whole.loss) < 1e-15)
  }

  /// The sampler said −1 and −2; training finds −1.25 and −2: a mean of ⅛, a maximum of ¼.
  @Test func theSamplersLogProbabilitiesAreCompared() {
    let example = PolicyGradientObjective.Example(advantage: 1, sampled: [-1, -2])
    let metrics = evaluateBatch(
      PolicyGradientObjective(), [example], policy: [[[-1.25, -2]]]
    ).metrics
    #expect(metrics["sampling/sampling_logp_difference/mean"] == 0.125)
    #expect(metrics["sampling/sampling_logp_difference/max"] == 0.25)
  }

  @Test func lossesSlopesAndMetricsAreTRLs() throws {
    let peer = try Peers.load().grpo
    let policy = peer.policy.map { [$0] }
    var checked = 0
    for golden in peer.cases {
      let objective = Self.objective(golden.aggregation) {
        ($0.beta, $0.maximumLength) = (golden.beta, peer.maximumLength)
      }
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

  /// The same in float64, and the losses and settings that the float32 run does not have: a value is right to 10⁻⁹ (10⁻⁷ for `sapo`,
  /// whose τ TRL keeps in float32), a slope to the Float it is given as.
  @Test func lossesSlopesAndMetricsAreTRLsInDouble() throws {
    let peer = try Peers.load().grpo
    let goldens = try PolicyGradientGoldens.load()
    let policy = peer.policy.map { [$0] }
    for golden in goldens.cases {
      let objective = Self.objective(golden.loss) {
        ($0.level, $0.epsilonHigh, $0.delta) = (golden.level, golden.epsilonHigh, golden.delta)
        ($0.beta, $0.isDivergenceCorrected) = (golden.beta, golden.isDivergenceCorrected)
        $0.maximumLength = peer.maximumLength
      }
      let kept = topEntropyTokens(goldens.entropies, share: golden.topEntropyQuantile)
      let examples = peer.advantages.indices.map {
        PolicyGradientObjective.Example(
          advantage: peer.advantages[$0], old: peer.old[$0], reference: peer.reference[$0],
          isKept: kept[$0])
      }
      let batch = evaluateBatch(objective, examples, policy: policy)
      let name = "\(golden.loss) \(golden.level) \(golden.beta)"
      let tolerance = golden.loss == .sapo ? 1e-7 : 1e-9
      #expect(abs(batch.loss - golden.value) <= tolerance * max(1, abs(golden.value)), "\(name)")
      for (ours, expected) in zip(batch.slopes, golden.slopes) {
        for (slope, other) in zip(ours[0], expected) {
          #expect(abs(Double(slope) - other) <= 1e-7 * max(1, abs(other)), "\(name)")
        }
      }
      for (metric, value) in golden.metrics {
        let ours = try #require(batch.metrics[metric], "\(metric)")
        #expect(abs(ours - value) < 1e-6, "\(name) \(metric)")
      }
    }
    #expect(goldens.cases.count == 24)
  }
}
