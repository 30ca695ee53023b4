import JSON

/// One completion of a prompt in a training step: what was sampled and what it earned.
struct Rollout: Equatable {
  /// Which of the step's prompts it answers.
  var prompt: Int
  var tokens: [Int32]
  /// From the sampler, at the sampling temperature.
  var logProbabilities: [Float]
  var isTruncated: Bool
  var text: String
  /// Each reward of the mixture, in the recipe's order, and their weighted sum.
  var rewards: [Double]
  var reward: Double

  /// As bytes for the other ranks: floating-point numbers as their bits.
  static func encoded(_ rollouts: [Rollout]) -> [UInt8] {
    let json = JSON.array(
      rollouts.map { rollout in
        [
          .integer(rollout.prompt), .array(rollout.tokens.map { .integer(Int($0)) }),
          .array(rollout.logProbabilities.map { .integer(Int($0.bitPattern)) }),
          .bool(rollout.isTruncated), .string(rollout.text),
          .array(
            (rollout.rewards + [rollout.reward]).map {
              .integer(Int(bitPattern: UInt($0.bitPattern)))
            }),
        ]
      })
    return Array(json.serialized().utf8)
  }

  static func decoded(_ bytes: [UInt8]) throws -> [Rollout] {
    try (JSON(parsing: bytes).array ?? []).compactMap { json in
      guard let fields = json.array, fields.count == 6 else { return nil }
      let rewards = (fields[5].array ?? []).compactMap(\.int).map {
        Double(bitPattern: UInt64(UInt(bitPattern: $0)))
      }
      return Rollout(
        prompt: fields[0].int ?? 0,
        tokens: (fields[1].array ?? []).compactMap(\.int).map(Int32.init),
        logProbabilities: (fields[2].array ?? []).compactMap(\.int).map {
          Float(bitPattern: UInt32($0))
        }, isTruncated: fields[3].bool ?? false, text: fields[4].string ?? "",
        rewards: Array(rewards.dropLast()), reward: rewards.last ?? 0)
    }
  }
}
