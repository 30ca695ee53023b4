import Testing

@testable import Objectives

@Suite struct JudgementTests {
  private func examples(_ peer: Peers.Preferences) -> [JudgementObjective.Example] {
    peer.labels.indices.map {
      JudgementObjective.Example(
        isDesirable: peer.labels[$0], reference: summedLogProbability(peer.reference[$0]),
        mismatchedReference: summedLogProbability(peer.mismatchedReference[$0]))
    }
  }

  private func views(_ peer: Peers.Preferences, shift: Float = 0) -> [PolicyView] {
    // The shift of a sum, put on its first token.
    peer.mismatched.map { row in
      PolicyView(logProbabilities: [[row[0] + shift] + row.dropFirst()])
    }
  }

  @Test func lossesAndSlopesAreTRLs() throws {
    let peer = try Peers.Preferences.load()
    #expect(peer.judgements.count == 3)
    for golden in peer.judgements {
      let objective = JudgementObjective(
        loss: golden.lossType, desirableWeight: golden.settings["desirable_weight"] ?? 1,
        undesirableWeight: golden.settings["undesirable_weight"] ?? 1)
      let found = surveyed(
        objective, examples(peer), views: views(peer, shift: Float(golden.shift)))
      let batch = evaluateBatch(objective, found.examples, policy: peer.policy.map { [$0] })
      // The shift is added in Float here, and in Double there.
      #expect(abs(batch.loss / golden.loss - 1) < 1e-7)
      for (ours, theirs) in zip(batch.slopes, golden.slopes) {
        for (slope, expected) in zip(ours[0], theirs) {
          #expect(abs(Double(slope) / expected - 1) < 1e-6)
        }
      }
    }
  }

  /// β = 0.1, r = 2: desirable 1 − σ(0.2 − 0.1 z₀), undesirable 1 − σ(0.1 z₀ − 0.2); z₀ = max(0, mean(3, −1)) = 1.
  @Test func aDivergenceIsTheMeanOfOtherPromptsAnswers() {
    let objective = JudgementObjective(undesirableWeight: 2)
    let example = { (isDesirable: Bool) in
      JudgementObjective.Example(isDesirable: isDesirable, reference: -5, mismatchedReference: -4)
    }
    let views = [Float(-1), -5].map { PolicyView(logProbabilities: [[$0]]) }
    let found = surveyed(objective, [example(true), example(false)], views: views)
    #expect(found.examples.map(\.divergence) == [1, 1])
    let batch = evaluateBatch(objective, found.examples, policy: [[[-3]], [[-3]]])
    // (1 − σ(0.1)) / 2 + 2 (1 − σ(−0.1)) / 2.
    #expect(abs(batch.loss - (0.4750208125 / 2 + 0.5249791875)) < 1e-9)
    #expect(batch.metrics["kl"] == 1)
    let low = [Float(-5), -5].map { PolicyView(logProbabilities: [[$0]]) }
    let none = surveyed(objective, [example(true), example(false)], views: low)
    #expect(none.examples.map(\.divergence) == [0, 0])
  }

  @Test(arguments: JudgementObjective.Loss.allCases)
  func slopesAreThoseOfTheLoss(loss: JudgementObjective.Loss) {
    var examples = [true, false, true].map {
      JudgementObjective.Example(isDesirable: $0, reference: -4, mismatchedReference: -4)
    }
    for index in examples.indices { examples[index].divergence = 0.5 }
    let policy: [[[Float]]] = [[[-1.5, -3.25]], [[-2, -0.25, -1]], [[-4]]]
    expectSlopes(
      JudgementObjective(loss: loss, beta: 0.7, desirableWeight: 1.3), examples, policy: policy)
  }

  /// With π = ref everywhere the divergence is 0 and every answer costs ½.
  @Test func aPolicyThatIsItsReferenceLosesOneHalf() {
    let objective = JudgementObjective()
    let example = JudgementObjective.Example(
      isDesirable: true, reference: -2, mismatchedReference: -3)
    let found = surveyed(objective, [example], views: [PolicyView(logProbabilities: [[-3]])])
    #expect(evaluateBatch(objective, found.examples, policy: [[[-2]]]).loss == 0.5)
  }
}
