import Collectives
import Datasets
import Generation
import Randomness
import Rewards
import Text
import Transformers

/// A model that a suite asks, by all ranks together.
public struct SuiteAsking {
  public let model: LanguageModel
  let communicator: any Communicator
  private let seed: UInt64
  private let stream: String
  /// Whether the template opens the thinking for the model.
  private let beginsThinking: Bool
  /// Tokens in one pass; no number depends on it.
  static let tokenBudget = 4096

  init(_ model: LanguageModel, communicator: any Communicator, seed: UInt64, stream: String) {
    self.model = model
    self.communicator = communicator
    self.seed = seed
    self.stream = stream
    beginsThinking = model.beginsThinking
  }

  /// Answers to each request, by the requests' own coordinates of randomness; turns of a conversation, from 1, have their own.
  func answers(
    to requests: [GenerationRequest], _ settings: SamplingSettings, turn: Int = 1
  ) throws -> [[SampledCompletion]] {
    let random = CoordinateRandom(
      seed: seed, stream: turn == 1 ? stream : "\(stream)/turn-\(turn)")
    return try PromptSampler(model, settings).answers(
      to: requests, count: settings.numGenerations, random: random, communicator: communicator)
  }

  /// The log-probability of each target of each sequence, the same bits in any batch and at any number of ranks; in the model's
  /// own precision, whatever weights are kept in for sampling.
  func logProbabilities(of sequences: [TargetSequence]) throws -> [[Float]] {
    guard !sequences.isEmpty else { return [] }
    let groups = MicroBatches.compose(
      lengths: sequences.map(\.tokens.count), tokenBudget: SuiteAsking.tokenBudget)
    let own = SummationTree.leafRange(
      count: groups.count, rank: communicator.rank, size: communicator.size)
    let transformer = try model.transformer()
    let flat = groups[own].flatMap { group in
      transformer.logProbabilities(of: group.map { sequences[$0] }).values.joined()
        .map(Double.init)
    }
    let all = try communicator.allGather(doubles: flat).flatMap { $0 }
    var next = 0
    return sequences.map { sequence in
      defer { next += sequence.targets.count }
      return all[next..<next + sequence.targets.count].map(Float.init)
    }
  }

  /// What of an answer is judged: what comes behind the thinking, and nothing where the thinking does not end.
  ///
  /// Templates of reasoning models write `<think>` themselves, so that an answer may close what it did not open.
  func judged(_ answer: SampledCompletion) -> String {
    let text = answer.text
    if let close = text.ranges(of: "</think>").last {
      return String(text[close.upperBound...].drop(while: \.isWhitespace))
    }
    return text.contains("<think>") || beginsThinking ? "" : text
  }
}

extension LanguageModel {
  /// Whether the template opens the thinking for the model.
  var beginsThinking: Bool {
    guard tokenizer.template != nil else { return false }
    let question = [ChatMessage(role: "user", content: "a")]
    let ids = (try? tokenizer.encode(question, addGenerationPrompt: true)) ?? []
    let text = tokenizer.tokenizer.decode(ids.suffix(16), skippingSpecials: false)
    return text.reversed().drop(while: \.isWhitespace).starts(with: ">kniht<")
  }
}
