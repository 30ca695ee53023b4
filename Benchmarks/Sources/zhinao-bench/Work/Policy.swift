import Generation
import Randomness
import Transformers

/// Draws answers as the stages draw them: the only place here that knows how the generator is called.
struct Policy {
  /// Makes a generator: of weights that training changes, a new one each time.
  private let generator: () -> Generator
  private let parameters: SamplingParameters

  /// Answers of a network that is being trained, `answer` tokens each, none of which ends one.
  init(_ transformer: Transformer, answer: Int, recording: ActivationRecording? = nil) {
    generator = {
      transformer.releaseActivations()
      let network = DecodingNetwork(transformer)
      network.recording = recording
      return Generator(network)
    }
    parameters = SamplingParameters(maximumNewTokens: answer)
  }

  /// Answers of a network that stays as it is.
  init(_ network: DecodingNetwork, answer: Int) {
    generator = { Generator(network) }
    parameters = SamplingParameters(maximumNewTokens: answer)
  }

  /// So many answers to each prompt, prompt by prompt.
  func answers(to prompts: [[Int32]], samples: Int, step: Int) throws -> [[Int32]] {
    let requests = prompts.indices.flatMap { prompt in
      (0..<samples).map { sample in
        GenerationRequest(
          prompt: prompts[prompt], promptID: UInt64(prompt), sample: UInt32(sample))
      }
    }
    return try generator().generate(
      requests, parameters, random: CoordinateRandom(seed: UInt64(step), stream: "bench/policy")
    ).map(\.tokens)
  }
}

/// A reward that costs nothing and tells answers apart, the same on the peer's side.
func checksumReward(_ answer: [Int32]) -> Double {
  Double(answer.reduce(0) { $0 + Int($1) } % 7)
}
