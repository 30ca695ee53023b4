import Kernels
import Randomness
import Testing
import Transformers

/// Every backward pass against finite differences of its forward pass.
///
/// For each tensor the loss is moved along the gradient (which finds what is missing in it) and along
/// random signs (which finds what is too much). Differences are of fourth order,
/// (8(f(h) − f(−h)) − f(2h) + f(−2h)) / 12h, which leaves room for float32's rounding.
@Suite struct SlopeTests {
  @Test(arguments: [false, true], [false, true])
  func supervisedSlopesAreThoseOfTheLoss(tied: Bool, bias: Bool) {
    check(Toy.network(Toy.shape(tied: tied, bias: bias)))
  }

  @Test(arguments: [1, 4]) func slopesHoldForAnyNumberOfKeyValueHeads(count: Int) {
    check(Toy.network(Toy.shape(bias: true, keyValueHeads: count)))
  }

  @Test(arguments: [false, true]) func adapterSlopesAreThoseOfTheLoss(isRankStabilized: Bool) {
    let lowRank = LowRankConfiguration(rank: 4, alpha: 8, isRankStabilized: isRankStabilized)
    check(Toy.network(lowRank: lowRank))
  }

  @Test func adaptersOnSomeLayersLeaveTheOthersFrozen() {
    let lowRank = LowRankConfiguration(rank: 2, alpha: 4, targets: ["q_proj", "v_proj"])
    let network = Toy.network(lowRank: lowRank)
    #expect(network.trainable.slots.count == 8)
    check(network)
  }

  @Test(arguments: [nil, LowRankConfiguration(rank: 4, alpha: 8)])
  func scoreSlopesAreThoseOfTheScores(lowRank: LowRankConfiguration?) {
    let network = Toy.network(head: .score, lowRank: lowRank)
    let tokens = Toy.sequences([7, 3, 5]).map(\.tokens)
    let weights: [Float] = [0.7, -1.1, 0.4]
    let pass = network.scores(of: tokens, retained: true)
    let gradients = FloatBuffer(count: network.trainable.count)
    network.backward(pass, slopes: weights, into: gradients)
    compare(network, gradients) {
      zip(network.scores(of: tokens).values, weights).reduce(0.0) { $0 + Double($1.0 * $1.1) }
    }
  }

  @Test func aTemperatureDividesTheLogitsOfBothPasses() {
    let network = Toy.network()
    let sequences = Toy.sequences([9, 4])
    let pass = network.logProbabilities(of: sequences, temperature: 0.7, retained: true)
    let gradients = FloatBuffer(count: network.trainable.count)
    network.backward(pass, slopes: pass.values.map { $0.map { _ in -0.2 } }, into: gradients)
    compare(network, gradients) {
      network.logProbabilities(of: sequences, temperature: 0.7).values.joined().reduce(0.0) {
        $0 - 0.2 * Double($1)
      }
    }
  }

  private func check(_ network: Transformer) {
    let sequences = Toy.sequences([9, 2, 6])
    let (_, gradients, _) = likelihood(network, sequences)
    let count = Double(sequences.reduce(0) { $0 + $1.targets.count })
    compare(network, gradients) {
      -network.logProbabilities(of: sequences).values.joined().reduce(0.0) { $0 + Double($1) }
        / count
    }
  }

  private func compare(_ network: Transformer, _ gradients: FloatBuffer, _ loss: () -> Double) {
    let parameters = network.trainable
    let random = CoordinateRandom(seed: 5, stream: "directions")
    for slot in parameters.slots {
      let gradient = gradients.array(slot.range).map(Double.init)
      let size = gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
      // A key's bias moves all scores of a row nearly alike, and softmax does not see that.
      #expect(size > 0.02 || slot.name.hasSuffix("k_proj.bias"), "\(slot.name) \(size)")
      let unit = 1 / Double(gradient.count).squareRoot()
      let signs = gradient.indices.map { random.below(2, UInt64($0)) == 0 ? unit : -unit }
      for direction in [gradient.map { $0 / size }, signs] {
        let expected = zip(gradient, direction).reduce(0) { $0 + $1.0 * $1.1 }
        let found = slope(parameters, slot, direction, loss)
        #expect(abs(found - expected) < 2e-3 * size + 2e-4, "\(slot.name)")
      }
    }
  }

  private func slope(
    _ parameters: ParameterSet, _ slot: ParameterSet.Slot, _ direction: [Double],
    _ loss: () -> Double
  ) -> Double {
    let old = parameters.values.array(slot.range)
    let step = 0.003
    func moved(_ distance: Double) -> Double {
      let new = zip(old, direction).map { Float(Double($0) + distance * $1) }
      parameters.values.copy(from: new, at: slot.offset)
      return loss()
    }
    let near = moved(step) - moved(-step)
    let far = moved(2 * step) - moved(-2 * step)
    parameters.values.copy(from: old, at: slot.offset)
    return (8 * near - far) / (12 * step)
  }
}
