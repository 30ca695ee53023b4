import Artifacts
import Pipeline
import Synchronization

/// Tells a run while it goes on: one status line on a terminal, plain lines elsewhere.
final class RunProgress: Sendable {
  private struct State {
    var line = StatusLine()
    var current: StageProgress?
    var lastPlain: ContinuousClock.Instant?
  }

  /// Between two plain lines of a stage: a log of an hour's run stays readable.
  private static let plainInterval = Duration.seconds(5)

  private let isLive: Bool
  private let state = Mutex(State())

  init(isLive: Bool = Console.isLive) { self.isLive = isLive }

  func take(_ event: RunEvent) {
    let now = ContinuousClock.now
    state.withLock { state in
      switch event {
      case .opened: break
      case .reused(let stage, let record):
        state.line.talk(
          " \(Paint.green("✓")) \(stage.printable()): reused \(Paint.faint(record.fingerprint.short))"
        )
      case .started(let stage, _, let action, let reasons):
        state.current = StageProgress(stage: stage, now: now)
        state.lastPlain = nil
        state.line.talk(" ▶ \(stage.printable()): \(RunProgress.reason(action, reasons))")
      case .stage(let stage, let event): take(event, of: stage, &state, now)
      case .finished(let stage, let record):
        state.current = nil
        let figures = RunFigures(record).text(limit: 3)
        state.line.talk(
          " \(Paint.green("✓")) \(stage.printable()): done in \(Amount.duration(record.seconds))"
            + (figures.isEmpty ? "" : "  " + figures))
      case .failed(let stage, _):
        state.current = nil
        let word = StopSignal.isRaised ? "stopped" : "failed"
        state.line.talk(" \(Paint.red("✗")) \(stage.printable()): \(word)")
      }
    }
  }

  /// Writes a line that stays, above the status line.
  func talk(_ text: String) { state.withLock { $0.line.talk(text) } }

  /// Takes the status line away, before anything else is written.
  func end() { state.withLock { $0.line.clear() } }

  private func take(
    _ event: StageEvent, of stage: String, _ state: inout State, _ now: ContinuousClock.Instant
  ) {
    switch event {
    case .note(let text): state.line.talk("   \(stage.printable()): \(text.printable())")
    case .warning(let text):
      state.line.talk("   \(stage.printable()): \(Paint.yellow("warning:")) \(text.printable())")
    case .step, .progress: move(event, &state, now)
    case .profile(let profile):
      for line in ProfileTable.lines(of: profile, stage: stage) { state.line.talk(line) }
    case .checkpoint, .sample, .summary, .memory, .failure: break
    }
  }

  private func move(
    _ event: StageEvent, _ state: inout State, _ now: ContinuousClock.Instant
  ) {
    state.current?.take(event, now: now)
    guard let current = state.current else { return }
    if isLive {
      state.line.show(current.live, now: now)
    } else if state.lastPlain.map({ now - $0 >= RunProgress.plainInterval }) ?? true {
      state.lastPlain = now
      state.line.talk("   \(current.plain.printable())")
    }
  }

  private static func reason(_ action: RunPlan.Action, _ reasons: [String]) -> String {
    let word =
      switch action {
      case .reuse: "reuses what is there"
      case .resume: "goes on"
      case .run: "runs"
      }
    let shown = reasons.prefix(3).joined(separator: "; ").printable()
    return shown.isEmpty ? word : "\(word) (\(shown)\(reasons.count > 3 ? "; …" : ""))"
  }
}
