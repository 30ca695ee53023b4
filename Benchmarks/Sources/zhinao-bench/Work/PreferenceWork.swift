import Objectives
import Training
import Transformers

/// Steps of direct preference optimization from pairs, with the reference's pass over them.
///
/// A stage asks the reference about all pairs once before the first step; a pair's share of that is here in
/// its step, as the peer's trainer has it.
struct PreferenceWork: Workload {
  private let options: WorkOptions
  private let learner: Learner
  private let tokens: MadeTokens
  private var clock = PartClock()

  init(_ options: WorkOptions) throws {
    self.options = options
    learner = try Learner(options, adapter: !options.full)
    tokens = MadeTokens("dpo", vocabulary: learner.transformer.shape.vocabularySize)
  }

  var parts: [String: Double] { clock.seconds }

  mutating func step(_ index: Int) throws -> Int {
    let pairs = (0..<options.batch).map { pair in
      let prompt = tokens.row(3 * pair, step: index, count: options.prompt)
      return (1...2).map { answer in
        TargetSequence(
          prompt: prompt,
          completion: tokens.row(3 * pair + answer, step: index, count: options.answer))
      }
    }
    return try learner.stepOnPairs(pairs, &clock)
  }
}

extension Learner {
  /// The reference's pass and a step on pairs; gives the tokens of both answers behind their prompts.
  func stepOnPairs(_ pairs: [[TargetSequence]], _ clock: inout PartClock) throws -> Int {
    let objective = PreferenceObjective(SigmoidPreference(labelSmoothing: 0))
    let values = clock.time("reference") { reference(pairs.flatMap { $0 }) }
    let examples = pairs.indices.map { index in
      TrainingExample(
        sequences: pairs[index],
        facts: objective.example(
          reference: [values[2 * index][...], values[2 * index + 1][...]]))
    }
    return try clock.time("step") { try step(examples, objective) }
  }
}
