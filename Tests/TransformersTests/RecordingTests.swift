import Kernels
import Testing

@testable import Transformers

/// What sampling leaves behind stands for the pass that training would make.
@Suite struct RecordingTests {
  /// Two answers of one prompt that begin alike, and another prompt: as they are sampled, token by token.
  private static let prompts: [[Int32]] = [[3, 1, 4, 1, 5, 9, 2, 6, 5, 3], [2, 7, 1]]
  private static let answers: [(prompt: Int, tokens: [Int32])] = [
    (0, [8, 9, 7, 9, 3]), (0, [8, 2, 0]), (1, [8, 1, 8, 2]),
  ]

  private func sampled(_ network: Transformer) -> ActivationRecording {
    let decoding = DecodingNetwork(network)
    let recording = ActivationRecording()
    decoding.recording = recording
    let slots = Self.prompts.map { _ in decoding.makeSlot() }
    _ = decoding.extend(slots, with: Self.prompts)
    let running = [slots[0].fork(), slots[0], slots[1]]
    for place in 0..<4 {
      let going = Self.answers.indices.filter { place + 1 < Self.answers[$0].tokens.count }
      guard !going.isEmpty else { break }
      _ = decoding.extend(
        going.map { running[$0] }, with: going.map { [Self.answers[$0].tokens[place]] })
    }
    return recording
  }

  private var sequences: [TargetSequence] {
    Self.answers.map { TargetSequence(prompt: Self.prompts[$0.prompt], completion: $0.tokens) }
  }

  private func gradient(
    _ network: Transformer, _ sequences: [TargetSequence], _ recording: ActivationRecording?
  ) -> (values: [[Float]], gradient: [Float], isReplayed: Bool) {
    let pass = network.logProbabilities(of: sequences, retained: true, recording: recording)
    let gradients = FloatBuffer(count: network.trainable.count)
    network.backward(
      pass,
      slopes: pass.values.enumerated().map { row, values in values.map { $0 * Float(row + 1) } },
      into: gradients)
    return (pass.values, gradients.array(), pass.pass.recorded != nil)
  }

  private static let precisions = [Precision.float32, .bfloat16].filter(
    Compute.decodesAsItTrains)

  @Test(arguments: [nil, LowRankConfiguration(rank: 4, alpha: 8)], precisions)
  func theWayBackFromARecordingIsTheSameToTheBit(
    lowRank: LowRankConfiguration?, precision: Precision
  ) {
    let network = Toy.network(
      Toy.shape(bias: true), lowRank: lowRank, compute: Compute(precision: precision))
    let recording = sampled(network)
    #expect(recording.rowCount == 13 + 4 + 2 + 3)
    let computed = gradient(network, sequences, nil)
    let replayed = gradient(network, sequences, recording)
    #expect(replayed.isReplayed && !computed.isReplayed)
    #expect(replayed.values == computed.values)
    #expect(replayed.gradient == computed.gradient)
    // In parts and in another order, as micro-batches take them.
    let part = [sequences[2], sequences[0]]
    let (one, other) = (gradient(network, part, recording), gradient(network, part, nil))
    #expect(one.isReplayed && one.values == other.values && one.gradient == other.gradient)
  }

  @Test func whatWasNotSampledIsComputed() {
    let network = Toy.network(lowRank: LowRankConfiguration(rank: 4, alpha: 8))
    let recording = sampled(network)
    let other = sequences + [TargetSequence(prompt: Self.prompts[1], completion: [5, 5, 5])]
    let (computed, asked) = (gradient(network, other, nil), gradient(network, other, recording))
    #expect(!asked.isReplayed && asked.gradient == computed.gradient)
    recording.reset()
    #expect(recording.rowCount == 0)
    #expect(!gradient(network, sequences, recording).isReplayed)
    // The reference has no adapter: what was sampled with one tells nothing of it.
    let pass = network.logProbabilities(
      of: sequences, usesAdapter: false, retained: true, recording: sampled(network))
    #expect(pass.pass.recorded == nil)
  }

  /// Tokens behind the last target are not computed: nothing is learnt from them.
  @Test func whatFollowsTheLastTargetIsNotRead() {
    let network = Toy.network()
    let short = TargetSequence(tokens: [1, 2, 3, 4], targets: [1, 3])
    let long = TargetSequence(tokens: [1, 2, 3, 4, 5, 6, 7], targets: [1, 3])
    let (one, other) = (gradient(network, [short], nil), gradient(network, [long], nil))
    #expect(one.values == other.values && one.gradient == other.gradient)
    let pass = network.logProbabilities(of: [long], retained: true)
    #expect(pass.pass.batch.rowCount == 3)
  }
}
