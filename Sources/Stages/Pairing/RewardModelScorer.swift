import Collectives
import Datasets
import Pipeline
import Text
import Transformers

/// A reward model that scores answers to prompts, read at the last token of the conversation.
struct RewardModelScorer {
  let session: TrainingSession
  private let transformer: Transformer
  private let tokenizer: ChatTokenizer
  /// Tokens in one pass; a score is the same in any.
  private let tokenBudget = 4096

  init(path: String, _ session: TrainingSession) throws {
    let input = try ModelInput(path: path)
    guard input.directory.isRewardModel else {
      throw BadInput(
        "\(path) is not a reward model: its config.json names no class …ForSequenceClassification")
    }
    self.session = session
    tokenizer = input.tokenizer
    transformer = try input.load(
      head: .score, compute: session.compute, seed: session.context.seed)
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
    let groups = MicroBatches.compose(
      lengths: sequences.map(\.count), tokenBudget: tokenBudget)
    let own = SummationTree.leafRange(
      count: groups.count, rank: session.communicator.rank, size: session.communicator.size)
    let scores = groups[own].flatMap { group in
      transformer.scores(of: group.map { sequences[$0] }).values.map(Double.init)
    }
    return try session.communicator.allGather(doubles: scores).flatMap { $0 }
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
