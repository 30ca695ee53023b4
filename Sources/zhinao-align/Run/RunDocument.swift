import Artifacts
import JSON
import OrderedCollections
import Pipeline

/// What `run --json` writes: the run as one document.
enum RunDocument {
  static func json(of outcome: RunOutcome, graph: StageGraph, store: ArtifactStore) -> JSON {
    [
      "recipe": .string(graph.recipe), "seed": .string("\(graph.seed)"),
      "workspace": .string(store.workspace), "logs": .string(outcome.logs),
      "stages": .array(outcome.entries.map { stage($0, store, graph.recipe) }),
    ]
  }

  private static func stage(
    _ entry: RunOutcome.Entry, _ store: ArtifactStore, _ recipe: String
  ) -> JSON {
    let record = entry.record
    return [
      "stage": .string(entry.stage), "kind": .string(record.kind),
      "action": entry.wasReused ? "reused" : "ran",
      "fingerprint": .string(record.fingerprint.hex),
      "digest": record.outputs.first.map { .string($0.digest.hex) } ?? .null,
      "path": .string(store.latest(recipe: recipe, stage: entry.stage)),
      "seconds": .number(record.seconds),
      "peak_memory": record.environment["peak_memory"] ?? .null,
      "outputs": outputs(of: record),
      "figures": figures(of: record),
    ]
  }

  static func outputs(of record: RunRecord) -> JSON {
    var outputs: OrderedDictionary<String, JSON> = [:]
    for output in record.outputs {
      outputs[output.name] = [
        "kind": .string(output.kind.rawValue), "digest": .string(output.digest.hex),
        "bytes": .integer(output.size), "files": .integer(output.files.count),
      ]
    }
    return .object(outputs)
  }

  static func figures(of record: RunRecord) -> JSON {
    .object(record.summary.mapValues { $0.isFinite ? .number($0) : .null })
  }

  /// What `run --dry-run --json` writes.
  static func json(of plan: RunPlan, limits: MachineLimits) -> JSON {
    [
      "stages": .array(plan.entries.map(planned)),
      "limits": [
        "memory": limits.memory.map { .integer($0) } ?? .null,
        "disk": limits.disk.map { .integer($0) } ?? .null,
      ],
    ]
  }

  static func planned(_ entry: RunPlan.Entry) -> JSON {
    var action: JSON = "run"
    var step: JSON = .null
    switch entry.action {
    case .reuse: action = "reuse"
    case .resume(let known):
      action = "resume"
      step = known.map { .integer($0) } ?? .null
    case .run: break
    }
    return [
      "stage": .string(entry.stage), "kind": .string(entry.kind), "action": action, "step": step,
      "reasons": .array(entry.reasons.map { .string($0) }),
      "fingerprint": entry.fingerprint.map { .string($0.hex) } ?? .null,
      "memory": entry.estimate?.memory.map { .integer($0) } ?? .null,
      "memory_per_rank": entry.estimate?.memoryPerRank.map { .integer($0) } ?? .null,
      "recomputed_layers": entry.estimate?.recomputedLayers.map { .integer($0) } ?? .null,
      "disk": entry.estimate?.disk.map { .integer($0) } ?? .null,
      "seconds": entry.estimate?.time.map { .number($0) } ?? .null,
    ]
  }
}
