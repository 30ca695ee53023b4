import JSON
import Kernels
import Testing
import Transformers

/// What must not change a single bit.
@Suite struct InvarianceTests {
  @Test func aScoreHasTheSameBitsInAnyCompanyAndOrder() {
    let network = Toy.network(head: .score)
    let tokens = Toy.sequences([7, 3, 30, 5, 1, 12]).map(\.tokens)
    let together = network.scores(of: tokens).values
    #expect(tokens.map { network.scores(of: [$0]).values[0] } == together)
    #expect(network.scores(of: tokens.reversed()).values.reversed() == together)
    #expect(Array(network.scores(of: tokens + tokens + tokens).values.suffix(6)) == together)
  }

  @Test func logProbabilitiesHaveTheSameBitsInAnyCompanyAndOrder() {
    let network = Toy.network(Toy.shape(tied: true, bias: true))
    let sequences = Toy.sequences([7, 3, 30, 5, 2, 12])
    let together = network.logProbabilities(of: sequences).values
    #expect(sequences.map { network.logProbabilities(of: [$0]).values[0] } == together)
    #expect(network.logProbabilities(of: sequences.reversed()).values.reversed() == together)
  }

  @Test func threadsChangeNothing() throws {
    let json = try Goldens.json("tiny")
    let sequences = Goldens.sequences(try #require(json["supervised"]))
    let one = likelihood(try Goldens.model("tiny", compute: Compute(threads: 1)), sequences)
    let two = likelihood(try Goldens.model("tiny", compute: Compute(threads: 2)), sequences)
    #expect(one.pass.values == two.pass.values)
    #expect(one.gradients.array() == two.gradients.array())
  }

  @Test(arguments: [nil, LowRankConfiguration(rank: 4, alpha: 8)])
  func computingActivationsAgainChangesNothing(lowRank: LowRankConfiguration?) {
    let network = Toy.network(lowRank: lowRank)
    let sequences = Toy.sequences([9, 4, 17])
    let kept = likelihood(network, sequences)
    network.checkpointsActivations = true
    let again = likelihood(network, sequences)
    #expect(kept.pass.values == again.pass.values)
    #expect(kept.gradients.array() == again.gradients.array())
  }

  @Test func gradientsAreAddedToWhatIsThere() {
    let network = Toy.network()
    let sequences = Toy.sequences([9, 4])
    let (_, once, _) = likelihood(network, sequences)
    let twice = FloatBuffer(count: network.trainable.count)
    for _ in 0..<2 {
      let pass = network.logProbabilities(of: sequences, retained: true)
      network.backward(
        pass, slopes: pass.values.map { $0.map { _ in Float(-1.0 / 6) } }, into: twice)
    }
    #expect(relativeError(twice.array(), once.array().map { 2 * $0 }) < 1e-6)
  }

  @Test func decodingTokenByTokenAgreesWithOnePass() {
    let network = Toy.network(
      Toy.shape(bias: true), lowRank: LowRankConfiguration(rank: 4, alpha: 8))
    let tokens = Toy.sequences([20])[0].tokens
    let slot = network.makeSlot(capacity: 20)
    _ = network.prefill([Array(tokens[..<5])], slots: [slot])
    for position in 5..<20 {
      let step = network.decode([tokens[position]], slots: [slot]).array()
      let whole = network.prefill(
        [Array(tokens[...position])], slots: [network.makeSlot(capacity: 20)]
      ).array()
      #expect(relativeError(step, whole) < 1e-5)
    }
    #expect(slot.length == 20)
  }

  @Test func aDecodedRowHasTheSameBitsInAnyCompany() {
    let network = Toy.network()
    let prompts = Toy.sequences([5, 9, 2, 14, 3]).map(\.tokens)
    func slots() -> [DecodingSlot] { prompts.map { _ in network.makeSlot(capacity: 20) } }
    let together = slots()
    _ = network.prefill(prompts, slots: together)
    let logits = network.decode([1, 2, 3, 4, 5], slots: together).array()
    for (row, slot) in slots().enumerated() {
      _ = network.prefill([prompts[row]], slots: [slot])
      let alone = network.decode([Int32(row + 1)], slots: [slot]).array()
      #expect(alone == Array(logits[row * 24..<row * 24 + 24]))
    }
  }
}
