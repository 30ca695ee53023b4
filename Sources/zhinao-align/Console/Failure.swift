import Artifacts
import Checkpoints
import Collectives
import Datasets
import Glibc
import JSON
import Merging
import Pipeline
import Recipes
import Text
import Training
import Transformers

/// An error as this program ends with it: the one place where modules' errors get exit codes.
struct Failure: Error, Equatable {
  var code: Pipeline.ExitCode
  var message: String

  init(_ code: Pipeline.ExitCode, _ message: String) {
    self.code = code
    self.message = message
  }

  init(_ error: any Error) {
    switch error {
    case let failure as Failure: self = failure
    case let errors as RecipeErrors: self.init(errors.exitCode, Failure.text(of: errors))
    case let error as CheckpointError: self.init(Failure.code(of: error), "\(error)")
    case DatasetError.missing: self.init(.noInput, "\(error)")
    case is DatasetError, is RowProblem, is TokenizerError, is TemplateError, is ModelError,
      is JSONError:
      self.init(.badInput, "\(error)")
    case let error as MergeError: self.init(Failure.code(of: error), "\(error)")
    case let gate as GateClosed: self.init(.gate, gate.message)
    case let problem as SettingProblem: self.init(.badInput, problem.message)
    case is PipelineError, is ArtifactError, is BadInput:
      self.init(Pipeline.ExitCode(for: error), "\(error)")
    case is TrainingError, is CollectiveError: self.init(.unfinished, "\(error)")
    case is Interrupted: self.init(.unfinished, "interrupted")
    default: self.init(.defect, "\(error)")
    }
  }

  private static func text(of errors: RecipeErrors) -> String {
    "\(errors)\n\(Amount.count(errors.diagnostics.count, "error")): nothing was run"
  }

  private static func code(of error: CheckpointError) -> Pipeline.ExitCode {
    switch error {
    case _ where error.isMissingInput, .system(_, _, ENOENT): .noInput
    case .system(_, "write", _), .system(_, "flush", _), .system(_, "rename into place", _):
      .unfinished
    default: .badInput
    }
  }

  private static func code(of error: MergeError) -> Pipeline.ExitCode {
    switch error {
    case .configuration, .tensors, .arithmetic: .badInput
    case .outputExists: .usage
    case .busy, .unfinished: .unfinished
    case .system(_, _, let code): code == ENOENT ? .noInput : .unfinished
    }
  }
}

extension Failure {
  /// The error in words that a worker's orchestrator knows the meaning of.
  static func forOrchestrator(_ error: any Error) -> any Error {
    switch error {
    case CheckpointError.missing(let path, _), DatasetError.missing(let path):
      return ArtifactError.missing(path: path)
    default:
      let failure = Failure(error)
      return failure.code == .badInput ? BadInput(failure.message) : error
    }
  }
}
