import Collectives
import JSON
import Pipeline
import Profiling
import Training

/// When a training stage saves, and where.
struct CheckpointClock {
  let session: TrainingSession
  let settings: TrainingSettings
  let store: CheckpointStore
  private var last = ContinuousClock.now

  init(_ session: TrainingSession, _ settings: TrainingSettings) {
    self.session = session
    self.settings = settings
    store = CheckpointStore(folder: session.context.work + "/checkpoints")
  }

  /// Saves if it is time, or if the run is to stop; in that case throws `Interrupted` once saved.
  ///
  /// Called between steps, on every rank. The clock of the first rank decides, so that all agree.
  mutating func tick(
    _ trainer: Trainer, isLast: Bool, extra: () throws -> JSON = { [:] }
  ) throws {
    let mustStop = try session.agreesToStop()
    let elapsed = ContinuousClock.now - last
    let isTime =
      settings.saveSteps > 0 && trainer.step % settings.saveSteps == 0
      || elapsed > .seconds(settings.saveMinutes * 60)
    let mustSave = try session.communicator.maximum(session.isFirst && isTime ? 1 : 0) > 0
    guard mustStop || mustSave, !isLast else { return }
    try Profiler.measure(.writing) { try store.save(trainer, extra: extra()) }
    session.report(.checkpoint(step: trainer.step))
    last = ContinuousClock.now
    if mustStop { throw Interrupted() }
  }
}
