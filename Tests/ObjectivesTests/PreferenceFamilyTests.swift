import Glibc
import Testing

@testable import Objectives

/// Three pairs whose log-ratios differ by 2, −3 and 0.25, at β = 0.1.
private let rows = [
  (-12.0, -14.5, -13.0, -13.5), (-30.5, -28, -29, -29.5), (-8.25, -9, -8, -8.5),
]

private let pairs = rows.map {
  PreferencePair(
    chosen: $0.0 - $0.2, rejected: $0.1 - $0.3, chosenLength: 3, rejectedLength: 4,
    policyChosen: $0.0, policyRejected: $0.1)
}

private func settings(_ smoothing: Double = 0) -> PreferenceLossSettings {
  PreferenceLossSettings(labelSmoothing: smoothing, isLengthNormalized: false)
}

/// Every loss by its own name, with the label smoothing that it can do.
private let names = PreferenceLosses.all.map { $0.name }

/// −log σ(0).
private let half = log(2.0)

/// What a policy equal to its reference loses, at β = 0.1 and for `exo_pair` ε = 0.1.
private let atReference: [(String, Double)] = [
  ("sigmoid", half), ("robust", half), ("hinge", 1), ("ipo", 25), ("nca_pair", 2 * half),
  ("bco_pair", 2 * half), ("sppo_hard", 50), ("aot", half), ("aot_unpaired", half),
  ("apo_zero", 1), ("apo_down", 1), ("sigmoid_norm", half), ("discopop", 0.5 * half + 0.5),
  ("exo_pair", -half - 0.5 * log(0.9) - 0.5 * log(0.1)),
]

@Suite struct PreferenceFamilyTests {
  @Test func thereAreNineteenLosses() {
    #expect(names.count == 19)
    #expect(Set(names).count == 19)
  }

  /// Worked out by hand, β = 0.1.
  @Test(arguments: [
    ("robust", 0.1, [0.5731388694, 0.8918552445, 0.6776003035]),
    ("exo_pair", 1e-3, [2.4220146207, 3.2865116090, 2.7181438588]),
    ("bco_pair", 0, [1.2887933201, 1.5419140956, 1.3741849515]),
    ("sppo_hard", 0, [32, 84.5, 47.8125]),
    ("apo_zero", 0, [0.9500416250, 1.0748596907, 0.9937522780]),
    ("apo_down", 0, [0.9751451902, 1.0370126715, 0.9875006510]),
    ("discopop", 0, [0.8147631411, 0.8555804381, 0.8640922419]),
  ])
  func lossesAreThoseByHand(name: String, smoothing: Double, expected: [Double]) throws {
    let loss = try #require(PreferenceLosses.named(name, settings(smoothing)))
    for (pair, value) in zip(pairs, expected) {
      let found = loss.evaluate(pair, beta: 0.1).loss
      #expect(abs(found - value) < 1e-10 * max(1, value), "\(found) for \(value)")
    }
  }

  /// The margins u = 2.5, −2.5, 0.75 against v = 0.5, 0.5, 0.5; a = 1, −1.5, −0.25 against b = −1, 1.5, −0.5.
  @Test func transportSortsTheBatch() throws {
    for (name, expected) in [
      ("aot", [0.5981388694, 0.8543552445, 0.6807253035]),
      ("aot_unpaired", [0.7184596480, 0.7184596480, 0.6807253035]),
    ] {
      let objective = PreferenceObjective(try #require(PreferenceLosses.named(name)))
      let examples = rows.map {
        PreferenceObjective.Example(referenceChosen: $0.2, referenceRejected: $0.3)
      }
      let policy: [[[Float]]] = rows.map { [[Float($0.0)], [Float($0.1)]] }
      let found = surveyed(
        objective, examples, views: policy.map { PolicyView(logProbabilities: $0) })
      for (index, value) in expected.enumerated() {
        let pair = objective.pair(found.examples[index], policy[index].map { $0[...] })
        let loss = objective.terms[0].loss.evaluate(pair, beta: 0.1).loss
        #expect(abs(loss - value) < 1e-9, "\(name) \(index): \(loss)")
      }
    }
  }

  /// The spec's values of the divergences, by hand.
  @Test(arguments: [
    (PolicyDivergence.jensenShannon, [0.6443966601, 0.7709570478, 0.6857677330]),
    (.forward, [0.5825167135, 0.9285750271, 0.6750786325]),
    (.alpha, [0.5943491230, 0.8710740922, 0.6781732992]),
  ])
  func divergencesAreThoseByHand(divergence: PolicyDivergence, expected: [Double]) {
    for (row, value) in zip(rows, expected) {
      var objective = PreferenceObjective(SigmoidPreference(labelSmoothing: 0))
      objective.divergence = divergence
      let batch = evaluateBatch(
        objective,
        [PreferenceObjective.Example(referenceChosen: row.2, referenceRejected: row.3)],
        policy: [[[Float(row.0)], [Float(row.1)]]])
      #expect(abs(batch.loss - value) < 1e-9)
    }
  }

  /// In Double: (L(x + h) − L(x − h)) / 2h at h = 10⁻⁵ is the slope to 10⁻⁷, for every loss.
  @Test(arguments: names, [0.05, 0.2])
  func slopesAreThoseOfTheLoss(name: String, smoothing: Double) throws {
    let loss = try #require(PreferenceLosses.named(name, settings(smoothing)))
    let step = 1e-5
    for pair in pairs + [pairs[0], pairs[1]].map(standing) {
      let value = loss.evaluate(pair, beta: 0.3)
      func slope(_ isChosen: Bool) -> Double {
        func at(_ shift: Double) -> Double {
          var moved = pair
          if isChosen {
            moved.chosen += shift
            moved.policyChosen += shift
          } else {
            moved.rejected += shift
            moved.policyRejected += shift
          }
          return loss.evaluate(moved, beta: 0.3).loss
        }
        return (at(step) - at(-step)) / (2 * step)
      }
      let size = max(1, abs(value.chosenSlope), abs(value.rejectedSlope))
      #expect(abs(slope(true) - value.chosenSlope) < 1e-7 * size)
      // A rejected completion of `aot_unpaired` learns from another pair's term.
      if name == "aot_unpaired" { continue }
      #expect(abs(slope(false) - value.rejectedSlope) < 1e-7 * size)
    }
  }

  /// A pair that knows its batch.
  private func standing(_ pair: PreferencePair) -> PreferencePair {
    var pair = pair
    pair.standing.baseline = 0.7
    pair.standing.referenceMargin = 1.25
    pair.standing.rejectedOfChosen = -0.5
    pair.standing.chosenOfRejected = 2
    return pair
  }

  @Test(arguments: PolicyDivergence.allCases)
  func slopesOfDivergencesAreTheirOwn(divergence: PolicyDivergence) {
    for ratio in [-4.0, -0.5, 0, 1.5, 3] {
      let score = divergence.score(ratio, alpha: 0.5)
      let up = divergence.score(ratio + 1e-6, alpha: 0.5).value
      let down = divergence.score(ratio - 1e-6, alpha: 0.5).value
      #expect(abs((up - down) / 2e-6 - score.slope) < 1e-7 * max(1, abs(score.slope)))
    }
  }

  /// Every number that TRL's own functions say, in Double: losses to 10⁻¹², slopes as Float.
  @Test func everyLossAndSlopeIsTRLs() throws {
    let peer = try Peers.Preferences.load()
    #expect(peer.cases.count == 48)
    for golden in peer.cases {
      let objective = try objective(golden)
      let policy = (0..<4).map { [peer.policy[$0], peer.policy[$0 + 4]] }
      let examples = (0..<4).map { row in
        objective.usesReference
          ? objective.example(
            reference: [peer.reference[row][...], peer.reference[row + 4][...]])
          : PreferenceObjective.Example()
      }
      let views = (0..<4).map { row in
        PolicyView(
          logProbabilities: policy[row],
          concentrations: [peer.concentration[row], peer.concentration[row + 4]])
      }
      var found = surveyed(objective, examples, views: views)
      // TRL 1.16 leaves bco_pair's running mean out.
      for index in found.examples.indices { found.examples[index].standing.baseline = 0 }
      let batch = evaluateBatch(objective, found.examples, policy: policy)
      #expect(
        abs(batch.loss - golden.loss) < 1e-12 * max(1, abs(golden.loss)), "\(golden.name)")
      for (ours, theirs) in zip(batch.slopes.joined(), golden.slopes.joined()) {
        for (slope, expected) in zip(ours, theirs) {
          #expect(abs(Double(slope) - expected) < 1e-7 * max(1e-3, abs(expected)), "\(golden.name)")
        }
      }
      // Alone, the likelihood sees no reference, and so has no rewards of its own.
      for (name, value) in golden.metrics where objective.usesReference {
        #expect(abs((batch.metrics[name] ?? .nan) - value) < 1e-12 * max(1, abs(value)), "\(name)")
      }
    }
  }

  private func objective(_ golden: Peers.Preferences.Case) throws -> PreferenceObjective {
    let given = golden.settings
    let settings = PreferenceLossSettings(
      labelSmoothing: given.labelSmoothing ?? 0, simpoMargin: given.simpoGamma ?? 0.5,
      cpoLikelihood: given.cpoAlpha ?? 1, alphaExponent: given.alpha ?? 0.25)
    let weights = given.lossWeights ?? golden.lossType.map { _ in 1 }
    var objective = PreferenceObjective(
      terms: try zip(golden.lossType, weights).map {
        PreferenceObjective.Term(
          try #require(PreferenceLosses.named($0, settings)), weight: $1)
      }, beta: given.beta ?? 0.1)
    objective.divergence = given.fDivergenceType ?? .reverse
    objective.divergenceAlpha = given.fAlphaDivergenceCoef ?? 0.5
    objective.excessWeight = given.ldAlpha
    objective.isWeighted = given.useWeighting ?? false
    return objective
  }

  /// With π = ref, where a loss sees the reference: exact values.
  @Test(arguments: atReference)
  func aPolicyThatIsItsReferenceLosesThis(name: String, expected: Double) throws {
    let loss = try #require(PreferenceLosses.named(name, settings(name == "exo_pair" ? 0.1 : 0)))
    #expect(type(of: loss).usesReference)
    let pair = PreferencePair(chosen: 0, rejected: 0, policyChosen: -3, policyRejected: -5)
    #expect(abs(loss.evaluate(pair, beta: 0.1).loss - expected) < 1e-15 * max(1, expected))
  }

  /// Without smoothing, `robust` and cDPO are DPO; a list of losses is their weighted sum.
  @Test func smoothingOfNothingIsDPO() throws {
    let plain = SigmoidPreference(labelSmoothing: 0)
    for pair in pairs {
      let robust = RobustPreference(settings()).evaluate(pair, beta: 0.1)
      #expect(robust == plain.evaluate(pair, beta: 0.1))
      // α = 0 is SimPO, and so is α near it.
      var bent = AlphaPreference(settings())
      bent.exponent = 0
      let simple = SimplePreference(settings())
      #expect(bent.evaluate(pair, beta: 2) == simple.evaluate(pair, beta: 2))
      bent.exponent = 1e-9
      let near = bent.evaluate(pair, beta: 2).loss
      #expect(abs(near - simple.evaluate(pair, beta: 2).loss) < 1e-6)
    }
  }

  /// The running mean of bco_pair: rewards 0.1 · (1 − 1) = 0 of the first batch, then of −0.1 and 0.3 on one pair.
  @Test func aRunningMeanGoesFromStepToStep() throws {
    let objective = PreferenceObjective(BinaryClassifierPreference())
    let example = [PreferenceObjective.Example(referenceChosen: 0, referenceRejected: 0)]
    func view(_ chosen: Float, _ rejected: Float) -> [PolicyView] {
      [PolicyView(logProbabilities: [[chosen], [rejected]])]
    }
    let first = surveyed(objective, example, views: view(1, -1))
    #expect(first.examples[0].standing.baseline == 0)
    #expect(first.state == [1, 0])
    let second = surveyed(objective, example, views: view(-1, 3), state: first.state)
    // (0 + 0.1) / 2.
    #expect(abs(second.examples[0].standing.baseline - 0.05) < 1e-15)
    let other = surveyed(objective, example, views: view(-1, 3))
    #expect(abs(other.examples[0].standing.baseline - 0.1) < 1e-15)
  }

  /// Equal margins take one reference margin each, in the batch's order.
  @Test func tiesAreMatchedOnce() {
    #expect(matched([2, 1, 2, 0], with: [10, 40, 20, 30]) == [30, 20, 40, 10])
    #expect(matched([], with: []) == [])
  }

  @Test func hugeMarginsStayFinite() throws {
    for name in names {
      let loss = try #require(PreferenceLosses.named(name, settings(0.1)))
      for size in [-1e5, 1e5] {
        let pair = PreferencePair(
          chosen: size, rejected: -size, chosenLength: 3, rejectedLength: 3,
          policyChosen: min(size, 0), policyRejected: min(-size, 0))
        let value = loss.evaluate(pair, beta: 0.5)
        #expect(
          value.loss.isFinite && value.chosenSlope.isFinite && value.rejectedSlope.isFinite,
          "\(name)")
      }
    }
    for divergence in PolicyDivergence.allCases {
      for size in [-1e5, 1e5] {
        let score = divergence.score(size, alpha: 0.5)
        #expect(score.value.isFinite && score.slope.isFinite)
      }
    }
  }

  /// A constant added to both log-ratios matters to what anchors each side: and to nothing else.
  @Test func aConstantOfThePromptOnlyMattersToAnchors() throws {
    let anchored = ["nca_pair", "bco_pair", "sppo_hard", "apo_zero", "apo_down"]
    for type in PreferenceLosses.all where type.usesReference && type.name != "sigmoid_norm" {
      let loss = type.init(settings(0.1))
      let here = loss.evaluate(PreferencePair(chosen: 1.5, rejected: -0.5), beta: 0.1)
      let there = loss.evaluate(PreferencePair(chosen: 3.5, rejected: 1.5), beta: 0.1)
      #expect((here == there) == !anchored.contains(type.name), "\(type.name)")
    }
  }
}
