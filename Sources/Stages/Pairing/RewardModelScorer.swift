import Datasets
import Pipeline
import Text
import Transformers

/// A reward model that scores answers to prompts, read at the last token of the conversation.
struct RewardModelScorer {
  let session: TrainingSession
  private let transformer: Transformer
  private let tokenizer: ChatTokenizer
  private let normalization: RewardNormalization?

  /// With `isNormalized` scores are brought to mean 0 and deviation 1 by what the model says of itself.
  init(path: String, _ session: TrainingSession, isNormalized: Bool = false) throws {
    let input = try ModelInput(path: path)
    guard input.directory.isRewardModel else {
      throw BadInput(
        "\(path) is not a reward model: its config.json names no class …ForSequenceClassification")
    }
    normalization =
      isNormalized ? RewardNormalization(input.directory.configuration.json) : nil
    if isNormalized, normalization == nil {
      throw BadInput(
        "\(path)/config.json has no `mean` and `std` to normalize rewards by: train the reward model with "
          + "normalize_reward, or take the setting out here")
    }
    self.session = session
    tokenizer = input.tokenizer
    transformer = try input.load(
      head: .score, compute: session.compute, seed: session.context.seed, isFrozen: true)
  }

  /// The score of each answer, as if it had ended, computed by all ranks.
  func scores(of answers: [(prompt: Prompt, text: String)]) throws -> [Double] {
    let longest = transformer.shape.maximumPosition
    let sequences = try answers.map { answer in
      let tokens = try tokenizer.encode(answer: answer.text, to: answer.prompt)
      guard tokens.count <= longest else {
        throw BadInput(
          "an answer with its prompt has \(tokens.count) tokens, more than the \(longest) that the "
            + "reward model has positions for; it begins with \"\(answer.text.prefix(60))\"")
      }
      return tokens
    }
    let scores = try SequenceScores(session: session).values(of: sequences, under: transformer)
    return normalization.map { scores.map($0.callAsFunction) } ?? scores
  }
}

extension ChatTokenizer {
  /// A prompt and an answer as the model reads them, through the token that ends the answer.
  func encode(answer: String, to prompt: Prompt) throws -> [TokenID] {
    switch prompt {
    case .text(let text):
      return encode(text: text + answer) + [try endOfText()]
    case .messages(let messages):
      let (before, after) = try encode(prompt: messages, answer: answer)
      return before + after
    }
  }
}
