public import Rewards

/// Tasks that models are measured on: what is asked of a model, and what its answers are worth.
///
/// A suite is the same for every model; what it asks depends on the model's tokenizer and template alone.
public protocol EvaluationSuite: Sendable {
  associatedtype Task: Sendable

  /// What a recipe calls it: `gsm8k`.
  var name: String { get }
  /// Answers to each task, k.
  var sampleCount: Int { get }
  /// Tasks that are asked together and then written down, so that an interruption costs no more.
  var blockSize: Int { get }

  /// What this model is asked, in the data's order.
  func tasks(for model: LanguageModel) throws -> [Task]

  /// What a task asks of a model.
  func load(of task: Task) -> TaskLoad

  /// What a model made of some tasks; called on every rank, each gets everything.
  func items(of tasks: ArraySlice<Task>, _ asking: SuiteAsking) throws -> [SuiteItem]

  /// The figures of a model, from what it made of all tasks and, where there is one, what the baseline made of them.
  func measures(_ items: [SuiteItem], baseline: [SuiteItem]?) -> [Measure]

  /// One figure by two properties of the tasks, where that says more than the figure; nil otherwise.
  func grid(_ items: [SuiteItem]) -> SuiteGrid?
}

/// A figure by two properties: a needle's depth and its text's length.
public struct SuiteGrid: Sendable, Equatable {
  public var columns: [String]
  /// With a mean for each column; nil where nothing was asked.
  public var rows: [(name: String, means: [Double?])]

  public static func == (left: SuiteGrid, right: SuiteGrid) -> Bool {
    left.columns == right.columns && left.rows.elementsEqual(right.rows, by: ==)
  }
}

extension EvaluationSuite {
  public func grid(_ items: [SuiteItem]) -> SuiteGrid? { nil }
  public var sampleCount: Int { 1 }
  public var blockSize: Int { max(1, 128 / sampleCount) }
}

/// One figure of a model on one suite, by prompt.
public struct Measure: Sendable, Equatable {
  public enum Kind: Sendable {
    /// From 0 to 1.
    case share
    case mean
    /// e to the mean; also what a difference is between.
    case exponential
  }

  /// `accuracy`.
  public var name: String
  public var kind: Kind
  /// What was seen, by prompt.
  public var clusters: [Cluster]

  public init(_ name: String, _ kind: Kind, _ clusters: [Cluster]) {
    self.name = name
    self.kind = kind
    self.clusters = clusters
  }

  /// The figure with its interval of 95 %.
  public var estimate: Estimate {
    switch kind {
    case .share: return clusteredShare(clusters)
    case .mean: return clusteredRatio(clusters)
    case .exponential: return clusteredRatio(clusters).exponential
    }
  }

  /// By how much it is above another model's, on the prompts that both have; of an exponential the difference of the exponents.
  public func difference(from other: Measure) -> Estimate {
    pairedDifference(clusters, other.clusters)
  }
}
