import Checkpoints
import Foundation
import JSON
import Kernels
import Testing
import Transformers

/// Against PyTorch, transformers, TRL and PEFT: what they make of the same weights and tokens.
@Suite struct GoldenTests {
  /// Float32 sums in another order: measured differences are below 2e-6.
  let tolerance = 1e-5

  @Test func logitsAgreeWithTransformers() throws {
    let network = try Goldens.model("tiny")
    let golden = try Goldens.json("tiny")["forward"]
    let tokens = Goldens.tokens(golden?["tokens"])
    let samples = golden?["samples"]?.array ?? []
    #expect(samples.count == 70)
    var (found, expected): ([Float], [Float]) = ([], [])
    for sample in samples {
      let row = try #require(sample["row"]?.int)
      let position = try #require(sample["position"]?.int)
      let prompt = Array(tokens[row][...position])
      let logits = network.logits(after: [prompt]).array()
      found += (sample["places"]?.array ?? []).compactMap(\.int).map { logits[$0] }
      expected += Goldens.floats(sample["values"])
    }
    #expect(relativeError(found, expected) < tolerance)
  }

  @Test func supervisedLossAndEveryGradientAgree() throws {
    let golden = try #require(try Goldens.json("tiny")["supervised"])
    let network = try Goldens.model("tiny")
    let (loss, gradients, pass) = likelihood(network, Goldens.sequences(golden))
    #expect(abs(loss / (golden["loss"]?.double ?? 0) - 1) < tolerance)
    let entropies = pass.entropies.flatMap { $0 }
    let entropy = entropies.reduce(0.0) { $0 + Double($1) } / Double(entropies.count)
    #expect(abs(entropy / (golden["entropy"]?.double ?? 0) - 1) < tolerance)
    let worst = worstError(gradients, of: network.trainable, golden["gradients"])
    #expect(worst.count == 21)
    #expect(worst.error < tolerance)
  }

  @Test func adapterLossAndEveryGradientAgree() throws {
    let json = try Goldens.json("tiny")
    let (golden, supervised) = (try #require(json["adapter"]), try #require(json["supervised"]))
    let network = try adapted(golden)
    let (loss, gradients, _) = likelihood(network, Goldens.sequences(supervised))
    #expect(abs(loss / (golden["loss"]?.double ?? 0) - 1) < tolerance)
    let worst = worstError(gradients, of: network.trainable, golden["gradients"])
    #expect(worst.count == 28)
    #expect(worst.error < tolerance)
  }

  /// −log σ(β(Δchosen − Δrejected)), its slope in a chosen log-probability −βσ(−h)/4.
  @Test func preferenceLossAndEveryGradientAgree() throws {
    let golden = try #require(try Goldens.json("tiny")["preference"])
    let sequences = Goldens.sequences(golden)
    let beta = try #require(golden["beta"]?.double)
    let reference = try Goldens.model("tiny_ref").logProbabilities(of: sequences).values.map(sum)
    let network = try Goldens.model("tiny")
    let pass = network.logProbabilities(of: sequences, retained: true)
    let policy = pass.values.map(sum)
    #expect(relativeError(policy.map(Float.init), Goldens.floats(golden["sums"])) < tolerance)
    #expect(
      relativeError(reference.map(Float.init), Goldens.floats(golden["referenceSums"])) < tolerance)

    var loss = 0.0
    var slopes = pass.values.map { $0.map { _ in Float(0) } }
    for pair in 0..<4 {
      let margin = policy[pair] - reference[pair] - policy[pair + 4] + reference[pair + 4]
      loss += log1p(exp(-beta * margin)) / 4
      let slope = Float(beta / (1 + exp(beta * margin)) / 4)
      slopes[pair] = slopes[pair].map { _ in -slope }
      slopes[pair + 4] = slopes[pair + 4].map { _ in slope }
    }
    #expect(abs(loss / (golden["loss"]?.double ?? 0) - 1) < tolerance)
    let gradients = FloatBuffer(count: network.trainable.count)
    network.backward(pass, slopes: slopes, into: gradients)
    let worst = worstError(gradients, of: network.trainable, golden["gradients"])
    #expect(worst.count == 21)
    #expect(worst.error < tolerance)
  }

  @Test func rewardLossAndEveryGradientAgree() throws {
    let json = try Goldens.json("tiny")
    let golden = try #require(json["reward"])
    let tokens = Goldens.tokens(json["preference"]?["tokens"])
    let network = try Goldens.model("tiny_rm")
    #expect(network.head == .score)
    let pass = network.scores(of: tokens, retained: true)
    #expect(relativeError(pass.values, Goldens.floats(golden["scores"])) < tolerance)
    var loss = 0.0
    var slopes = [Float](repeating: 0, count: 8)
    for pair in 0..<4 {
      let lead = Double(pass.values[pair]) - Double(pass.values[pair + 4])
      loss += log1p(exp(-lead)) / 4
      slopes[pair] = Float(-1 / (1 + exp(lead)) / 4)
      slopes[pair + 4] = -slopes[pair]
    }
    #expect(abs(loss / (golden["loss"]?.double ?? 0) - 1) < tolerance)
    let gradients = FloatBuffer(count: network.trainable.count)
    network.backward(pass, slopes: slopes, into: gradients)
    let worst = worstError(gradients, of: network.trainable, golden["gradients"])
    #expect(worst.count == 21)
    #expect(worst.error < tolerance)
  }

  @Test func theBaseUnderAnAdapterIsTheBaseToTheLastBit() throws {
    let json = try Goldens.json("tiny")
    let sequences = Goldens.sequences(try #require(json["supervised"]))
    let network = try adapted(try #require(json["adapter"]))
    let base = try Goldens.model("tiny").logProbabilities(of: sequences).values
    #expect(network.logProbabilities(of: sequences, usesAdapter: false).values == base)
    #expect(network.logProbabilities(of: sequences).values != base)
  }

  @Test func mergingAnAdapterChangesNoLogProbabilityByMoreThanRounding() throws {
    let json = try Goldens.json("tiny")
    let sequences = Goldens.sequences(try #require(json["supervised"]))
    let network = try adapted(try #require(json["adapter"]))
    let directory = try ModelDirectory(path: Goldens.folder + "/tiny")
    try withTemporaryFolder { folder in
      try save(network, directory, in: folder)
      let merged = try ModelDirectory(path: folder).load(compute: Compute())
      let found = merged.logProbabilities(of: sequences).values.flatMap { $0 }
      let expected = network.logProbabilities(of: sequences).values.flatMap { $0 }
      #expect(relativeError(found, expected) < tolerance)
    }
  }

  private func adapted(_ golden: JSON) throws -> Transformer {
    let rank = try #require(golden["rank"]?.int)
    let alpha = try #require(golden["alpha"]?.double)
    let network = try Goldens.model(
      "tiny", lowRank: LowRankConfiguration(rank: rank, alpha: alpha))
    let file = try SafetensorsFile(path: Goldens.folder + "/adapter/adapter_model.safetensors")
    let adapter = try #require(network.adapter)
    for slot in adapter.slots {
      adapter.values.copy(from: try file.floats("base_model.model." + slot.name), at: slot.offset)
    }
    return network
  }

  private func sum(_ values: [Float]) -> Double { values.reduce(0.0) { $0 + Double($1) } }
}

/// The mean −log p over all targets, and its gradient.
func likelihood(_ network: Transformer, _ sequences: [TargetSequence]) -> (
  loss: Double, gradients: FloatBuffer, pass: LogProbabilityPass
) {
  let pass = network.logProbabilities(of: sequences, retained: true, entropies: true)
  let count = Double(sequences.reduce(0) { $0 + $1.targets.count })
  let loss = -pass.values.joined().reduce(0.0) { $0 + Double($1) } / count
  let gradients = FloatBuffer(count: network.trainable.count)
  network.backward(
    pass, slopes: pass.values.map { $0.map { _ in Float(-1 / count) } }, into: gradients)
  return (loss, gradients, pass)
}
