import Glibc
import Testing

@testable import Objectives

/// Three pairs whose log-ratios differ by 2, −3 and 0.25.
private let pairs = [(-12.0, -14.5, -13.0, -13.5), (-30.5, -28, -29, -29.5), (-8.25, -9, -8, -8.5)]
  .map { PreferencePair(chosen: $0.0 - $0.2, rejected: $0.1 - $0.3) }

@Suite struct PreferenceTests {
  /// −log σ(0.2) = 0.5981388694, −log σ(−0.3) = 0.8543552445, …: β = 0.1 throughout.
  @Test(arguments: [
    ("sigmoid", 0.0, [0.5981388694, 0.8543552445, 0.6807253035]),
    ("sigmoid", 0.1, [0.6181388694, 0.8243552445, 0.6832253035]),
    ("hinge", 0, [0.8, 1.3, 0.975]),
    ("ipo", 0, [9, 64, 22.5625]),
    ("nca_pair", 0, [1.3387933201, 1.4669140956, 1.3803177793]),
  ])
  func lossesAreThoseByHand(name: String, smoothing: Double, expected: [Double]) throws {
    let settings = PreferenceLossSettings(labelSmoothing: smoothing, isLengthNormalized: false)
    let loss = try #require(PreferenceLosses.named(name, settings))
    for (pair, value) in zip(pairs, expected) {
      #expect(abs(loss.evaluate(pair, beta: 0.1).loss - value) < 1e-10)
    }
  }

  /// torchtune's vector: margins 0, 10 and 20 at β = 0.1 are −log σ of 0, 1 and 2; the hinge is 1, 0, 0.
  @Test func marginsOfZeroTenAndTwenty() {
    for (margin, expected) in [(0.0, 0.6931471806), (10, 0.3132616875), (20, 0.1269280110)] {
      let pair = PreferencePair(chosen: margin, rejected: 0)
      let value = SigmoidPreference(labelSmoothing: 0).evaluate(pair, beta: 0.1)
      #expect(abs(value.loss - expected) < 1e-10)
      #expect(HingePreference().evaluate(pair, beta: 0.1).loss == max(0, 1 - 0.1 * margin))
    }
  }

  @Test(arguments: ["sigmoid", "hinge", "ipo", "nca_pair"], [0.0, 0.1])
  func slopesAreThoseOfTheLoss(name: String, smoothing: Double) throws {
    let settings = PreferenceLossSettings(labelSmoothing: smoothing)
    let loss = try #require(PreferenceLosses.named(name, settings))
    let step = 1e-6
    for var pair in pairs + [PreferencePair(chosen: -3, rejected: 12)] {
      (pair.chosenLength, pair.rejectedLength) = (3, 4)
      let value = loss.evaluate(pair, beta: 0.3)
      func slope(_ path: WritableKeyPath<PreferencePair, Double>) -> Double {
        var (up, down) = (pair, pair)
        up[keyPath: path] += step
        down[keyPath: path] -= step
        return (loss.evaluate(up, beta: 0.3).loss - loss.evaluate(down, beta: 0.3).loss)
          / (2 * step)
      }
      #expect(abs(slope(\.chosen) - value.chosenSlope) < 1e-7)
      #expect(abs(slope(\.rejected) - value.rejectedSlope) < 1e-7)
    }
  }

  /// With π = ref: sigmoid = ln 2, nca_pair = 2 ln 2, hinge = 1, ipo = 1/(4β²); no reward, and no pair is won.
  @Test(arguments: [
    ("sigmoid", Float(log(2.0))), ("nca_pair", Float(2 * log(2.0))), ("hinge", 1), ("ipo", 25),
  ])
  func aPolicyEqualToItsReferenceLosesExactlyThis(name: String, expected: Float) throws {
    let objective = PreferenceObjective(try #require(PreferenceLosses.named(name)), beta: 0.1)
    let policy: [[[Float]]] = (0..<7).map { row in
      [3, 5].map { length in (0..<length).map { Float(row + 1) * -0.37 - Float($0) / 3 } }
    }
    let examples = policy.map {
      PreferenceObjective.Example(
        referenceChosen: summedLogProbability($0[0]),
        referenceRejected: summedLogProbability($0[1]))
    }
    let batch = evaluateBatch(objective, examples, policy: policy)
    #expect(Float(batch.loss) == expected)
    #expect(batch.metrics["rewards/chosen"] == 0)
    #expect(batch.metrics["rewards/margins"] == 0)
    #expect(batch.metrics["rewards/accuracies"] == 0)
  }

  /// A constant added to both log-ratios of a pair changes nothing that sees only the margin; nca_pair sees more.
  @Test func aConstantOfThePromptOnlyMattersToNoiseContrast() throws {
    let settings = PreferenceLossSettings(isLengthNormalized: false)
    for name in ["sigmoid", "hinge", "ipo", "nca_pair"] {
      let loss = try #require(PreferenceLosses.named(name, settings))
      let here = loss.evaluate(PreferencePair(chosen: 1.5, rejected: -0.5), beta: 0.1)
      let there = loss.evaluate(PreferencePair(chosen: 3.5, rejected: 1.5), beta: 0.1)
      #expect((here == there) == (name != "nca_pair"), "\(name)")
    }
  }

  @Test func hugeMarginsNeitherOverflowNorVanish() throws {
    for name in ["sigmoid", "nca_pair"] {
      let loss = try #require(PreferenceLosses.named(name))
      for chosen in [-1e6, 1e6] {
        let value = loss.evaluate(PreferencePair(chosen: chosen, rejected: -chosen), beta: 0.1)
        #expect(value.loss.isFinite && value.chosenSlope.isFinite && value.rejectedSlope.isFinite)
      }
    }
    let pair = PreferencePair(chosen: -1e6, rejected: 0)
    #expect(SigmoidPreference(labelSmoothing: 0).evaluate(pair, beta: 0.1).loss == 1e5)
  }

  @Test func lossesAndSlopesAreTRLs() throws {
    let peer = try Peers.load().dpo
    let policy = (0..<4).map { [peer.policy[$0], peer.policy[$0 + 4]] }
    let examples = (0..<4).map {
      PreferenceObjective.Example(
        referenceChosen: summedLogProbability(peer.reference[$0]),
        referenceRejected: summedLogProbability(peer.reference[$0 + 4]))
    }
    var checked = 0
    for golden in peer.losses {
      let terms = PreferenceLosses.named(golden.name).map { [PreferenceObjective.Term($0)] }
      let objective = PreferenceObjective(
        terms: terms ?? [], beta: peer.beta, likelihoodWeight: terms == nil ? 1 : 0)
      let batch = evaluateBatch(objective, examples, policy: policy)
      #expect(abs(batch.loss - golden.loss) < 2e-6 * max(1, golden.loss), "\(golden.name)")
      for (row, slopes) in batch.slopes.enumerated() {
        for (side, expected) in [golden.slopes[row], golden.slopes[row + 4]].enumerated() {
          for slope in slopes[side] {
            #expect(abs(Double(slope) - expected) < 2e-6 * max(0.1, abs(expected)))
            checked += 1
          }
        }
      }
      guard golden.name == "sigmoid" else { continue }
      for (name, value) in peer.metrics {
        let ours = try #require(batch.metrics[name], "\(name)")
        #expect(abs(ours - value) < 1e-5 * max(1, abs(value)), "\(name)")
      }
    }
    #expect(checked == 5 * 71)
    #expect(peer.metrics.count == 6)
  }

  @Test func likelihoodCanBeAddedAsTRLDoes() throws {
    let peer = try Peers.load().dpo
    let policy = (0..<4).map { [peer.policy[$0], peer.policy[$0 + 4]] }
    let examples = (0..<4).map {
      PreferenceObjective.Example(
        referenceChosen: summedLogProbability(peer.reference[$0]),
        referenceRejected: summedLogProbability(peer.reference[$0 + 4]))
    }
    let objective = PreferenceObjective(
      terms: [.init(SigmoidPreference(labelSmoothing: 0))], beta: 0.1, likelihoodWeight: 0.5)
    let batch = evaluateBatch(objective, examples, policy: policy)
    #expect(abs(batch.loss - peer.sigmoidPlusHalfLikelihood) < 5e-6)
  }
}
