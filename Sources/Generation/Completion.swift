/// A prompt to continue, and the coordinates of its randomness.
public struct GenerationRequest: Sendable, Equatable {
  public var prompt: [Int32]
  /// Which prompt of a data set this is.
  public var promptID: UInt64
  /// Which of a prompt's samples this is.
  public var sample: UInt32

  public init(prompt: [Int32], promptID: UInt64, sample: UInt32 = 0) {
    self.prompt = prompt
    self.promptID = promptID
    self.sample = sample
  }
}

/// What was sampled after a prompt.
public struct Completion: Sendable, Equatable {
  public enum FinishReason: String, Sendable {
    /// A stop token or a stop string.
    case stop
    /// The limit of new tokens, or of the network's positions.
    case length
  }

  /// The new tokens, with the stop token where there was one.
  public var tokens: [Int32]
  /// The log-probability of each token under the network at the sampling temperature, without
  /// penalties and before top-k, top-p and min-p: what a training pass at that temperature gives.
  public var logProbabilities: [Float]
  public var finishReason: FinishReason

  public init(tokens: [Int32], logProbabilities: [Float], finishReason: FinishReason) {
    self.tokens = tokens
    self.logProbabilities = logProbabilities
    self.finishReason = finishReason
  }
}
