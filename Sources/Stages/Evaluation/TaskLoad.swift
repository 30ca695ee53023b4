public import Transformers

/// What one task of a suite asks of a model.
public enum TaskLoad: Sendable {
  /// Answers to a prompt of so many tokens, drawn in this way.
  case answers(promptLength: Int, SamplingSettings)
  /// The log-probabilities of sequences.
  case sequences([TargetSequence])
}

extension EvaluationSuite {
  /// What all tasks ask of a model on one of so many ranks; reads the tasks and loads nothing.
  func demand(of model: LanguageModel, ranks: Int) throws -> AskingDemand {
    let loads = try tasks(for: model).map(load)
    var passes = StepLoad()
    var longest: (length: Int, settings: SamplingSettings)?
    for start in stride(from: 0, to: loads.count, by: blockSize) {
      var sequences: [TargetSequence] = []
      for load in loads[start..<min(start + blockSize, loads.count)] {
        switch load {
        case .sequences(let own): sequences += own
        case .answers(let length, let settings):
          if length > longest?.length ?? 0 { longest = (length, settings) }
        }
      }
      passes.formUnion(StepLoad(passes: sequences, tokenBudget: SuiteAsking.tokenBudget))
    }
    guard let longest else { return .passes(passes) }
    return .answers(
      SamplingMemory(
        longest.settings, prompts: min(blockSize, loads.count), promptLength: longest.length,
        ranks: ranks))
  }
}
