import Artifacts
import Pipeline
import Reporting
import Synchronization

/// Keeps a run's page and its TensorBoard files while it goes on.
///
/// A report that cannot be written does not stop a run.
final class RunReporting: Sendable {
  private struct State {
    var stages: [StageReport] = []
    var logs: String?
    var tensorBoard: TensorBoardLog?
    var last: ContinuousClock.Instant?
  }

  /// Between two looks at the metrics.
  private static let interval = Duration.seconds(1)

  private let recipe: String
  private let store: ArtifactStore
  private let state = Mutex(State())

  init(recipe: String, store: ArtifactStore) {
    self.recipe = recipe
    self.store = store
  }

  static func page(in logs: String) -> String { "\(logs)/report.html" }

  func take(_ event: RunEvent) {
    state.withLock { state in
      switch event {
      case .opened(let logs):
        state.logs = logs
        state.tensorBoard = TensorBoardLog(logs: logs)
      case .reused(let stage, let record):
        state.stages.append(StageReport(name: stage, result: .reused, record: record))
      case .finished(let stage, let record):
        state.tensorBoard?.catchUp()
        state.stages.append(StageReport(name: stage, result: .ran, record: record))
      case .failed(let stage, let message):
        state.stages.append(StageReport(name: stage, result: .failed(message: message)))
      case .stage(_, .step):
        let now = ContinuousClock.now
        if let last = state.last, now - last < RunReporting.interval { return }
        state.last = now
        state.tensorBoard?.catchUp()
      case .started, .stage: break
      }
    }
  }

  /// Writes the page and says where it is; nothing where it could not be written, or no run began.
  @discardableResult
  func end() -> String? {
    state.withLock { state in
      guard let logs = state.logs else { return nil }
      state.tensorBoard?.catchUp()
      let report = RunReport(recipe: recipe, stages: state.stages, logs: logs)
      let path = RunReporting.page(in: logs)
      let page = Array(report.page(store: store).utf8)
      return (try? Files.replace(path, with: page, durably: false)).map { path }
    }
  }
}
