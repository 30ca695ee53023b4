import Datasets
import Generation
import Pipeline
import Randomness
import Rewards
import Text
import Transformers

/// Samples a step's completions and rewards them.
struct RolloutSampler {
  let session: TrainingSession
  let tokenizer: ChatTokenizer
  let stopTokens: [TokenID]
  let settings: PolicyGradientStage.Settings
  let mixture: RewardMixture

  init(
    _ session: TrainingSession, _ input: ModelInput, _ settings: PolicyGradientStage.Settings
  ) {
    self.session = session
    self.settings = settings
    tokenizer = input.tokenizer
    stopTokens = input.stopTokens
    mixture = RewardMixture(
      settings.rewards.compactMap { reward in
        reward.rule(maximumLength: settings.own.sampling.completionLimit).map {
          RewardMixture.Part($0, weight: reward.weight)
        }
      })
  }

  /// The completions of all prompts, in the order of prompts and samples, the same on every rank.
  func sample(
    _ prompts: [SamplingPrompt], under transformer: Transformer, step: Int
  ) throws -> [Rollout] {
    let model = LanguageModel(transformer, tokenizer: tokenizer, stopTokens: stopTokens)
    let answers = try PromptSampler(model, settings.own.sampling).answers(
      to: prompts.indices.map { index in
        GenerationRequest(prompt: prompts[index].ids, promptID: UInt64(index))
      }, count: settings.own.sampling.numGenerations,
      random: CoordinateRandom(
        seed: session.context.seed, stream: "\(session.context.stream)/step-\(step)"),
      communicator: session.communicator)
    return zip(prompts.indices, answers).flatMap { index, answers in
      answers.map { rollout(index, prompts[index], $0) }
    }
  }

  private func rollout(
    _ index: Int, _ prompt: SamplingPrompt, _ answer: SampledCompletion
  ) -> Rollout {
    let completion = answer.completion
    let (total, parts) = mixture.detailed(
      Sample(
        prompt: prompt.prompt.plainText, completion: answer.text, answer: prompt.answer,
        tokens: completion.tokens.map(Int.init), isTruncated: !answer.hasEnded))
    return Rollout(
      prompt: index, tokens: completion.tokens, logProbabilities: completion.logProbabilities,
      isTruncated: !answer.hasEnded, text: answer.text, rewards: parts, reward: total)
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
