public import Collectives
public import Kernels
public import Pipeline
public import Rewards

/// A model's figures on one suite, and what they are made of.
public struct SuiteScores: Sendable {
  /// The suite's name.
  public let suite: String
  /// Answers to each task.
  public let sampleCount: Int
  public let items: [SuiteItem]
  public let measures: [Measure]

  /// The figure of a name, such as `accuracy`.
  public subscript(_ name: String) -> Estimate? {
    measures.first { $0.name == name }?.estimate
  }
}

/// Measures a model on a suite: what `evaluate` does for each model, and what a search over models can do.
///
/// Every model answers at the same coordinates of randomness, so that equal models give equal answers, at any number of ranks.
public struct SuiteScorer {
  private let communicator: any Communicator
  private let seed: UInt64
  private let stream: String
  /// Told of what is done.
  public var report: (StageEvent) -> Void = { _ in }
  /// Asked between blocks, by every rank together; ends the work by throwing.
  public var checkpoint: () throws -> Void = {}

  public init(communicator: any Communicator, seed: UInt64, stream: String = "evaluate") {
    self.communicator = communicator
    self.seed = seed
    self.stream = stream
  }

  /// The scores of a model in memory.
  public func score<Suite: EvaluationSuite>(
    _ model: LanguageModel, on suite: Suite
  ) throws -> SuiteScores {
    var log: SuiteLog?
    let items = try items(of: suite, &log) { model }
    return SuiteScores(
      suite: suite.name, sampleCount: suite.sampleCount, items: items,
      measures: suite.measures(items, baseline: nil))
  }

  /// The scores of a Hugging Face directory or a GGUF file.
  public func score<Suite: EvaluationSuite>(
    modelAt path: String, compute: Compute, on suite: Suite
  ) throws -> SuiteScores {
    try score(LanguageModel(path: path, compute: compute), on: suite)
  }

  /// What a model makes of a suite's tasks; it is loaded only if the log does not hold everything.
  func items<Suite: EvaluationSuite>(
    of suite: Suite, _ log: inout SuiteLog?, model: () throws -> LanguageModel
  ) throws -> [SuiteItem] {
    var items: [SuiteItem] = []
    for line in log?.lines ?? [] {
      guard let item = SuiteItem(line) else {
        throw BadInput(
          "an unfinished evaluation cannot be gone on with: \(suite.name) has an item without scores"
        )
      }
      items.append(item)
    }
    if log?.isFinished == true { return items }
    let model = try model()
    let asking = SuiteAsking(
      model, communicator: communicator, seed: seed, stream: "\(stream)/\(suite.name)")
    let tasks = try suite.tasks(for: model)
    for start in stride(from: items.count, to: tasks.count, by: suite.blockSize) {
      try checkpoint()
      let block = tasks[start..<min(start + suite.blockSize, tasks.count)]
      let new = try suite.items(of: block, asking)
      try log?.append(new.map(\.json))
      items += new
      report(.progress(suite.name, done: items.count, of: tasks.count))
    }
    try log?.finish()
    return items
  }
}
