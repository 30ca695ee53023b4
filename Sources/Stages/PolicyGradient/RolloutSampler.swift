import Collectives
import Datasets
import Generation
import Pipeline
import Randomness
import Rewards
import Text
import Transformers

/// Samples a step's completions and rewards them, every rank its share of the prompts.
struct RolloutSampler {
  let session: TrainingSession
  let tokenizer: ChatTokenizer
  let settings: PolicyGradientStage.Settings
  let parameters: SamplingParameters
  let mixture: RewardMixture

  init(
    _ session: TrainingSession, _ input: ModelInput, _ settings: PolicyGradientStage.Settings
  ) {
    self.session = session
    self.settings = settings
    tokenizer = input.tokenizer
    parameters = SamplingParameters(
      maximumNewTokens: settings.maxCompletionLength, temperature: settings.temperature,
      topK: settings.topK, topP: settings.topP, minP: settings.minP, stopTokens: input.stopTokens,
      vocabularyLimit: input.tokenizer.tokenizer.vocabularySize)
    mixture = RewardMixture(
      settings.rewards.compactMap { reward in
        reward.rule(maximumLength: settings.maxCompletionLength).map {
          RewardMixture.Part($0, weight: reward.weight)
        }
      })
  }

  /// The completions of all prompts, in the order of prompts and samples, the same on every rank.
  func sample(
    _ prompts: [SamplingPrompt], under transformer: Transformer, step: Int
  ) throws -> [Rollout] {
    let own = SummationTree.leafRange(
      count: prompts.count, rank: session.communicator.rank, size: session.communicator.size)
    let random = CoordinateRandom(
      seed: session.context.seed, stream: "\(session.context.stream)/step-\(step)")
    let requests = own.flatMap { prompt in
      (0..<settings.numGenerations).map { sample in
        GenerationRequest(
          prompt: prompts[prompt].ids, promptID: UInt64(prompt), sample: UInt32(sample))
      }
    }
    let completions = Generator(transformer, maximumBatch: settings.generationBatchSize).generate(
      requests, parameters, random: random)
    let rollouts = zip(requests, completions).map { request, completion in
      rollout(Int(request.promptID), prompts[Int(request.promptID)], completion)
    }
    return try session.communicator.allGather(Rollout.encoded(rollouts)).flatMap {
      try Rollout.decoded($0)
    }
  }

  private func rollout(
    _ index: Int, _ prompt: SamplingPrompt, _ completion: Completion
  ) -> Rollout {
    let text = tokenizer.tokenizer.decode(completion.tokens, skippingSpecials: true)
    let (total, parts) = mixture.detailed(
      Sample(
        prompt: prompt.prompt.plainText, completion: text, answer: prompt.answer,
        tokens: completion.tokens.map(Int.init), isTruncated: completion.finishReason == .length))
    return Rollout(
      prompt: index, tokens: completion.tokens, logProbabilities: completion.logProbabilities,
      isTruncated: completion.finishReason == .length, text: text, rewards: parts, reward: total)
  }
}

extension Prompt {
  /// What was asked, as plain text.
  var plainText: String {
    switch self {
    case .text(let text): text
    case .messages(let messages): messages.map(\.content).joined(separator: "\n")
    }
  }
}
