import Artifacts
import JSON
import Logging
import Pipeline

extension Logger {
  /// Says what happens in a run: steps at `trace`, everything else at `debug`.
  func note(_ event: RunEvent) {
    switch event {
    case .opened(let logs): debug("keeps its journal", metadata: ["folder": "\(logs)"])
    case .reused(let stage, let record):
      debug("reuses", metadata: ["stage": "\(stage)", "fingerprint": "\(record.fingerprint.hex)"])
    case .started(let stage, let kind, _, let reasons):
      debug(
        "begins",
        metadata: [
          "stage": "\(stage)", "kind": "\(kind)", "reasons": .array(reasons.map { "\($0)" }),
        ])
    case .stage(let stage, .checkpoint(let step)):
      debug("saved a checkpoint", metadata: ["stage": "\(stage)", "step": "\(step)"])
    case .stage(let stage, let event):
      trace(
        "event", metadata: ["stage": "\(stage)", "event": "\(event.json.serialized(.compact))"])
    case .finished(let stage, let record):
      for output in record.outputs {
        debug(
          "published",
          metadata: [
            "stage": "\(stage)", "output": "\(output.name)", "digest": "\(output.digest.hex)",
            "files": "\(output.files.count)",
          ])
      }
    case .failed(let stage, let message):
      debug("failed", metadata: ["stage": "\(stage)", "message": "\(message)"])
    }
  }
}
