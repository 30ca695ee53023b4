internal import Artifacts
internal import OrderedCollections

/// A recipe's gates and alarms over one attempt at a stage.
struct StageWatch {
  private let node: StageNode
  private var alarms: AlarmWatch
  /// The stage has been asked to end: what it still tells is no news.
  private var isClosed = false

  init(_ node: StageNode) {
    self.node = node
    alarms = AlarmWatch(stage: node.name, alarms: node.alarms)
  }

  /// Looks at the steps of earlier attempts: the same command does not creep past an alarm that
  /// ended the last one.
  mutating func take(
    earlier steps: [(step: Int, metrics: OrderedDictionary<String, Double>)]
  ) throws {
    for step in steps { _ = try judge(step: step.step, step.metrics) }
  }

  /// What an event gives occasion to say.
  ///
  /// - Throws: `GateClosed` once, where the stage is to save itself and to end; `BadInput` for an alarm
  ///   on a metric that the stage does not have.
  mutating func take(_ event: StageEvent) throws -> [String] {
    guard !isClosed else { return [] }
    switch event {
    case .step(let step, _, let metrics): return try judge(step: step, metrics)
    case .summary(let figures):
      for gate in node.gates where gate.isOfData && gate.action == .stop {
        guard let value = figures[gate.metric],
          let objection = gate.objection(to: value, stage: node.name)
        else { continue }
        isClosed = true
        throw GateClosed(objection)
      }
      return []
    default: return []
    }
  }

  private mutating func judge(
    step: Int, _ metrics: OrderedDictionary<String, Double>
  ) throws -> [String] {
    let findings: [AlarmWatch.Finding]
    do throws(UnknownMetric) { findings = try alarms.take(step: step, metrics) } catch {
      throw BadInput(error.description)
    }
    var warnings: [String] = []
    for finding in findings {
      switch finding {
      case .warning(let text): warnings.append(text)
      case .stop(let text):
        isClosed = true
        throw GateClosed(text)
      }
    }
    return warnings
  }
}

extension Executor {
  /// Whether a finished stage lets the run go on.
  ///
  /// - Throws: `GateClosed`; `BadInput` for a gate on a figure that the stage does not have.
  static func checkGates(
    of node: StageNode, _ record: RunRecord, warn: (String) -> Void
  ) throws {
    for gate in node.gates {
      guard let value = record.summary[gate.metric] else {
        throw BadInput(
          UnknownMetric(
            stage: node.name, metric: gate.metric, known: Array(record.summary.keys), watch: "gate"
          ).description)
      }
      guard let objection = gate.objection(to: value, stage: node.name) else { continue }
      switch gate.action {
      case .warn: warn(objection)
      case .stop: throw GateClosed("\(objection); what the stage made is kept")
      }
    }
  }
}
