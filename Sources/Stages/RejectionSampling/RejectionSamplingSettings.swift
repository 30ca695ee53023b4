public import Pipeline

/// What `rft` adds to `sft`: how it samples, and which answers it learns from.
public struct RejectionSamplingOptions: StageSettings, AdjustsDefaults {
  public var sampling = SamplingSettings()
  public var selection = Selection()

  public init() {}

  public static func adjust(_ base: inout SupervisedStage.Settings) {}

  // The groups are written as one: each reads its own keys of the same mapping.
  public init(from decoder: any Decoder) throws {
    sampling = try SamplingSettings(from: decoder)
    selection = try Selection(from: decoder)
  }

  public func encode(to encoder: any Encoder) throws {
    try sampling.encode(to: encoder)
    try selection.encode(to: encoder)
  }

  /// Which answers are kept.
  public struct Selection: StageSettings {
    /// The most prompts, drawn by the recipe's seed; nil takes all.
    public var maxSamples: Int?
    /// Which run over the same data this is: other rounds take other prompts.
    public var round = 1
    /// What answers are scored by.
    public var rewards = [RewardSettings(kind: .math, weight: 1)]
    /// Which of them an answer passes by; nil is their sum.
    public var passReward: String?
    public var passScore = 1.0
    public var minPassRate: Double?
    public var maxPassRate: Double?
    public var requireStop = true
    /// The most answers of one prompt, those that differ most.
    public var maxPerPrompt: Int? = 4
    /// The most that two answers to a prompt may have in common, from 0 to 1.
    public var maxSimilarity = 1.0

    public init() {}
  }
}
