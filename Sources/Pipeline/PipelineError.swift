import Suggestions

/// How the program ends.
public enum ExitCode: Int, Error, Sendable {
  case done = 0
  /// The command line is wrong.
  case usage = 64
  /// A recipe, dataset, checkpoint or merge configuration is wrong.
  case badInput = 65
  /// An input does not exist.
  case noInput = 66
  /// A defect of ours.
  case defect = 70
  /// A stage failed or was interrupted: the same command goes on.
  case unfinished = 75
  /// A gate or alarm that the recipe set stopped the run.
  case gate = 76
}

/// What can go wrong in running a graph of stages.
public enum PipelineError: Error, Sendable, Equatable {
  case noInput(slot: String)
  case noOutput(name: String)
  case badOrder
  case unknownKind(String, known: [String])
  case unknownStage(String, known: [String])
  case cannotStart(program: String, reason: String)
  /// A stage's worker ended badly; `cause` is what it said, or the tail of what it wrote.
  case stageFailed(stage: String, ending: String, cause: String, log: String, code: ExitCode)
  case interrupted(stage: String)
  case inputChanged(stage: String, input: String)
}

extension PipelineError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .noInput(let slot): "the stage was not given its input `\(slot)`"
    case .noOutput(let name): "the stage has no output `\(name)`"
    case .badOrder: "the work order cannot be read"
    case .unknownKind(let kind, let known):
      "there is no stage kind `\(kind)`\(didYouMean(kind, among: known))"
    case .unknownStage(let name, let known):
      "the recipe has no stage `\(name)`\(didYouMean(name, among: known))"
    case .cannotStart(let program, let reason): "cannot start \(program): \(reason)"
    case .stageFailed(let stage, let ending, let cause, let log, _):
      "stage `\(stage)` \(ending)" + (cause.isEmpty ? "" : ":\n\(cause)")
        + (log.isEmpty ? "" : "\nits log is \(log)")
    case .interrupted(let stage):
      "stage `\(stage)` was interrupted; run the same command again to go on"
    case .inputChanged(let stage, let input):
      "\(input) changed while stage `\(stage)` was reading it: its result was not kept; "
        + "run the same command again"
    }
  }
}
