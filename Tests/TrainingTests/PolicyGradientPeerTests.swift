import Foundation
import Kernels
import Objectives
import Testing
import Transformers

@testable import Training

/// TRL's GRPO through the network, on completions that are given; see Goldens/README.md.
@Suite struct PolicyGradientPeerTests {
  private struct Peer: Decodable {
    struct Case: Decodable {
      var loss: PolicyGradientLoss
      var beta: Double
      var value: Double
      var norm: Double
    }

    struct Sample: Decodable {
      var norm: Double
      var places: [Int]
      var values: [Float]
    }

    var prompts: [[Int32]]
    var completions: [[Int32]]
    var advantages: [Double]
    var longest: Int
    var old: [[Float]]
    var reference: [[Float]]
    var cases: [Case]
    var gradients: [String: [String: Sample]]
  }

  private let peer: Peer
  private let network: Transformer

  init() throws {
    let url = URL(fileURLWithPath: Bundle.module.bundlePath + "/Goldens/policy-gradient.json")
    peer = try JSONDecoder().decode(Peer.self, from: Data(contentsOf: url))
    let tests = (#filePath as NSString).deletingLastPathComponent + "/.."
    network = try ModelDirectory(path: tests + "/TransformersTests/Goldens/tiny").load(
      compute: Compute())
  }

  /// What a batch in one micro-batch makes of the gradient.
  private func gradient(_ loss: PolicyGradientLoss, beta: Double) -> (
    loss: Double, gradient: FloatBuffer
  ) {
    var objective = PolicyGradientObjective(loss)
    objective.beta = beta
    objective.maximumLength = peer.longest
    if loss == .cispo { objective.epsilonHigh = 5 }
    let batch = peer.prompts.indices.map { row in
      TrainingExample(
        sequences: [
          TargetSequence(prompt: peer.prompts[row], completion: peer.completions[row])
        ],
        facts: PolicyGradientObjective.Example(
          advantage: peer.advantages[row], old: peer.old[row], reference: peer.reference[row]))
    }
    let totals = batch.reduce(into: BatchTotals()) { totals, example in
      totals += objective.totals(example.facts, lengths: example.sequences.map(\.targets.count))
    }
    let task = BatchTask(
      transformer: network, objective: objective, batch: batch, totals: totals, temperature: 1)
    let gradient = FloatBuffer(count: network.trainable.count)
    return (task.run(Array(batch.indices), into: gradient).loss, gradient)
  }

  /// A mean over 63 tokens of terms near 1 that all but cancel: losses are compared in units of 1.
  ///
  /// `vespo` weights a likelihood of 6.5 nats a token by a curve of the sum of a completion's changes, and so has ten times their rounding.
  @Test func everyLossThroughTheNetworkIsTRLs() {
    #expect(peer.cases.count == 16)
    for golden in peer.cases {
      let (loss, gradient) = gradient(golden.loss, beta: golden.beta)
      let norm = norm(gradient.array(0..<network.trainable.count))
      #expect(abs(loss - golden.value) < (golden.loss == .vespo ? 1e-5 : 1e-6), "\(golden)")
      #expect(abs(norm / golden.norm - 1) < 1e-5, "\(golden)")
    }
  }

  @Test(arguments: [("grpo_beta0.0", PolicyGradientLoss.grpo, 0), ("dapo_beta0.04", .dapo, 0.04)])
  func everyGradientIsTRLs(name: String, loss: PolicyGradientLoss, beta: Double) throws {
    let golden = try #require(peer.gradients[name])
    let gradient = gradient(loss, beta: beta).gradient
    var checked = 0
    for slot in network.trainable.slots {
      guard let sample = golden[slot.name] else { continue }
      let found = gradient.array(slot.range)
      let entries = relativeError(sample.places.map { found[$0] }, sample.values)
      #expect(entries < 1e-5, "\(slot.name): \(entries)")
      #expect(abs(norm(found) / sample.norm - 1) < 1e-5, "\(slot.name)")
      checked += 1
    }
    #expect(checked == 21)
  }

  private func norm(_ values: [Float]) -> Double {
    values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
  }
}
