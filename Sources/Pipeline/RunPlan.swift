public import Artifacts

/// What a run would do with each stage, and why.
public struct RunPlan: Sendable {
  public enum Action: Sendable, Equatable {
    case reuse
    /// From the checkpoint after this step, if one is known.
    case resume(step: Int?)
    case run
  }

  public struct Entry: Sendable {
    public var stage: String
    public var kind: String
    public var action: Action
    /// `beta: 0.1 → 0.3`, `never run`, `$sft runs first`.
    public var reasons: [String]
    /// Unknown where a stage above has yet to run.
    public var fingerprint: Digest?
    public var estimate: StageEstimate?
  }

  public var entries: [Entry]

  public var reused: Int { entries.filter { $0.action == .reuse }.count }
  public var pending: Int { entries.count - reused }
}

/// What a run tells while it goes on.
public enum RunEvent: Sendable {
  /// The run's own folder is there; events and metrics come into it.
  case opened(logs: String)
  case reused(stage: String, record: RunRecord)
  case started(stage: String, kind: String, action: RunPlan.Action, reasons: [String])
  case stage(String, StageEvent)
  case finished(stage: String, record: RunRecord)
  case failed(stage: String, message: String)
}

/// What a run has come to.
public struct RunOutcome: Sendable {
  public struct Entry: Sendable {
    public var stage: String
    public var record: RunRecord
    public var wasReused: Bool
  }

  public var entries: [Entry]
  /// Where the events and metrics are.
  public var logs: String
}
