internal import Artifacts

extension ExitCode {
  /// The way an error ends the program.
  public init(for error: any Error) {
    switch error {
    case let code as ExitCode: self = code
    case let error as PipelineError: self = ExitCode.code(for: error)
    case let error as ArtifactError: self = ExitCode.code(for: error)
    case is Interrupted: self = .unfinished
    case is GateClosed: self = .gate
    case is BadInput, is SettingProblem: self = .badInput
    default: self = .unfinished
    }
  }

  private static func code(for error: PipelineError) -> ExitCode {
    switch error {
    case .stageFailed(_, _, _, _, let code): code
    case .interrupted, .inputChanged: .unfinished
    case .unknownKind: .badInput
    case .unknownStage: .usage
    case .cannotStart: .unfinished
    case .noInput, .noOutput, .badOrder: .defect
    }
  }

  private static func code(for error: ArtifactError) -> ExitCode {
    switch error {
    case .missing: .noInput
    case .notRegular, .tooMany, .unsafeName, .badRecord: .badInput
    case .system, .changedWhileRead, .damaged, .locked: .unfinished
    case .emptyOutput: .defect
    }
  }
}
