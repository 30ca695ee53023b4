import JSON
import Kernels
import Testing

@testable import Transformers

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

  /// In bfloat16 what is computed again is rounded as what is kept is.
  @Test(arguments: [nil, LowRankConfiguration(rank: 4, alpha: 8)], Precision.allCases)
  func computingActivationsAgainChangesNothing(
    lowRank: LowRankConfiguration?, precision: Precision
  ) {
    let network = Toy.network(lowRank: lowRank, compute: Compute(precision: precision))
    let sequences = Toy.sequences([9, 4, 17])
    let kept = likelihood(network, sequences)
    for count in 1...network.shape.layerCount {
      network.recomputedLayers = count
      let again = likelihood(network, sequences)
      #expect(kept.pass.values == again.pass.values)
      #expect(kept.gradients.array() == again.gradients.array())
    }
  }

  /// Roundings of 2⁻⁹ come to 0.035 and 0.06 of this network's gradient; those of blocks to 0.0035 and 0.0047.
  ///
  /// Activations that wait in bfloat16 add nothing to what products do by themselves.
  @Test(arguments: [nil, LowRankConfiguration(rank: 4, alpha: 8)])
  func bfloat16GradientsAreNearThoseOfFloat32(lowRank: LowRankConfiguration?) {
    let gradients = Precision.allCases.map { precision in
      likelihood(
        Toy.network(lowRank: lowRank, compute: Compute(precision: precision)),
        Toy.sequences([9, 4, 17])
      ).gradients.array()
    }
    let error = relativeError(gradients[1], gradients[0])
    #expect(error > 0 && error < (Compute.multipliesBrainFloats ? 0.08 : 0.008), "\(error)")
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

  /// In either precision, with biases and an adapter: the logits of decoding are those of a training pass.
  ///
  /// Where bfloat16 products are oneDNN's, decoding adds them up in another order.
  @Test(arguments: Precision.allCases)
  func decodingHasTheBitsOfAPass(precision: Precision) {
    let network = Toy.network(
      Toy.shape(bias: true), lowRank: LowRankConfiguration(rank: 4, alpha: 8),
      compute: Compute(precision: precision, threads: 2))
    let decoding = DecodingNetwork(network)
    let tokens = Toy.sequences([20])[0].tokens
    let slot = decoding.makeSlot()
    _ = decoding.extend([slot], with: [Array(tokens[..<5])])
    let isExact = precision == .float32 || Compute.kernelClass(bfloat16: true).contains("blocks")
    for position in 5..<20 {
      let step = decoding.extend([slot], with: [[tokens[position]]]).array()
      let whole = network.logits(after: [Array(tokens[...position])]).array()
      if isExact { #expect(step == whole) }
      #expect(relativeError(step, whole) < 1e-2)
    }
    #expect(slot.length == 20)
  }

  @Test func aDecodedRowHasTheSameBitsInAnyCompany() {
    let network = DecodingNetwork(Toy.network())
    let prompts = Toy.sequences([5, 9, 2, 14, 3]).map(\.tokens)
    let slots = prompts.map { _ in network.makeSlot() }
    _ = network.extend(slots, with: prompts)
    let logits = network.extend(slots, with: [[1], [2], [3], [4], [5]]).array()
    for row in prompts.indices {
      let slot = network.makeSlot()
      let alone = network.extend([slot], with: [prompts[row] + [Int32(row + 1)]]).array()
      #expect(alone == Array(logits[row * 24..<row * 24 + 24]))
    }
  }

  /// Answers of one prompt share its rows: the same log-probabilities to the bit, the same gradient but
  /// for the order of its sums, from fewer rows.
  @Test(arguments: [nil, LowRankConfiguration(rank: 4, alpha: 8)])
  func sharingAPromptChangesNothing(lowRank: LowRankConfiguration?) {
    let network = Toy.network(lowRank: lowRank)
    let prompt = Toy.sequences([30])[0].tokens
    let answers = [[1, 2, 3], [4], [4, 5, 6, 7, 8], [9, 1]].map { $0.map(Int32.init) }
    let sequences = answers.map { TargetSequence(prompt: prompt, completion: $0) }
    #expect(RaggedBatch(sequences.map(\.tokens)).rowCount == 30 + 11)
    let together = likelihood(network, sequences)
    let sum = FloatBuffer(count: network.trainable.count)
    for (index, sequence) in sequences.enumerated() {
      let pass = network.logProbabilities(of: [sequence], retained: true)
      #expect(pass.values[0] == together.pass.values[index])
      network.backward(
        pass, slopes: pass.values.map { $0.map { _ in Float(-1.0 / 11) } }, into: sum)
    }
    #expect(relativeError(together.gradients.array(), sum.array()) < 2e-6)
  }

  /// Where the last tokens alone are learned from, the last block goes on with their rows alone: the same
  /// log-probabilities to the bit, and the gradient of all rows of which the others tell nothing.
  @Test(arguments: [nil, LowRankConfiguration(rank: 4, alpha: 8)], [0, 3])
  func rowsThatNobodyReadChangeNothing(lowRank: LowRankConfiguration?, recomputed: Int) {
    let network = Toy.network(lowRank: lowRank)
    network.recomputedLayers = recomputed
    let whole = Toy.sequences([30, 12]).map { TargetSequence(prompt: [], completion: $0.tokens) }
    let learned = [26..<30, 5..<12]
    let some = zip(whole, learned).map { TargetSequence(tokens: $0.tokens, targets: Array($1)) }
    let batch = RaggedBatch(some.map(\.read), readFrom: some.map(\.readFrom))
    #expect((batch.read.count, batch.every.count) == (4 + 7, 29 + 11))

    func gradient(_ pass: LogProbabilityPass, _ slopes: [[Float]]) -> [Float] {
      let gradients = FloatBuffer(count: network.trainable.count)
      network.backward(pass, slopes: slopes, into: gradients)
      return gradients.array()
    }
    let few = network.logProbabilities(of: some, retained: true)
    let found = gradient(few, few.values.map { $0.map { _ in -0.1 } })
    let all = network.logProbabilities(of: whole, retained: true)
    // The first token is no target: position p is the target p − 1.
    let expected = gradient(
      all,
      zip(all.values, learned).map { values, learned in
        values.indices.map { learned.contains($0 + 1) ? -0.1 : 0 }
      })
    for ((values, some), learned) in zip(zip(all.values, few.values), learned) {
      #expect(some == Array(values[learned.lowerBound - 1..<learned.upperBound - 1]))
    }
    #expect(relativeError(found, expected) < 2e-6)
  }
}
