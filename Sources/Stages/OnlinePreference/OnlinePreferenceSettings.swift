public import Pipeline

/// What the policy of a round is held to.
public enum RoundReference: String, Codable, Sendable, CaseIterable {
  /// The model that the first round starts from, or the input `reference`.
  case initial
  /// The model that the round itself starts from.
  case previous
}

/// What `online-dpo` adds to `dpo`: how it samples, scores and pairs, and how often.
public struct OnlinePreferenceOptions: StageSettings, AdjustsDefaults {
  public var sampling = SamplingSettings()
  public var pairing = PairingSettings()
  public var rounds = Rounds()

  public init() {}

  public static func adjust(_ base: inout DirectPreferenceStage.Settings) {}

  // The groups are written as one: each reads its own keys of the same mapping.
  public init(from decoder: any Decoder) throws {
    sampling = try SamplingSettings(from: decoder)
    pairing = try PairingSettings(from: decoder)
    rounds = try Rounds(from: decoder)
  }

  public func encode(to encoder: any Encoder) throws {
    try sampling.encode(to: encoder)
    try pairing.encode(to: encoder)
    try rounds.encode(to: encoder)
  }

  /// What is the loop's own.
  public struct Rounds: StageSettings {
    public var rounds = 2
    public var reference = RoundReference.previous
    /// The most prompts of a round, of which other rounds take others; nil takes all in each.
    public var maxSamples: Int?
    /// What answers are scored by; by default the reward model that is given.
    public var rewards: [RewardSettings] = []
    public var missingEosPenalty = 0.0
    /// Prompts on which each round is compared with the one before and with the start; 0 leaves the
    /// comparison out.
    public var evalSamples = 64

    public init() {}
  }
}
