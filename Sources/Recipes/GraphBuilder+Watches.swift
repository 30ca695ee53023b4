internal import OrderedCollections
internal import Pipeline
internal import Suggestions

/// A gate as a recipe writes it: `{metric: accuracy, min: 0.6}`.
struct GateSettings: StageSettings {
  var metric: String?
  var min: Double?
  var max: Double?
  var action = WatchAction.stop
  /// Of a composite stage: the part that is meant, `compare` or `train`.
  var of: String?
}

/// An alarm as a recipe writes it, behind its metric: `kl: {max: 10, action: stop}`.
struct AlarmSettings: StageSettings {
  var min: Double?
  var max: Double?
  var maxRise: Double?
  var maxDrop: Double?
  var window = 1
  var action = WatchAction.warn
  var of: String?
}

/// What a recipe wants of one stage, or of one part of a composite stage.
struct Watches {
  /// `part` is nil where the recipe names none.
  var gates: [(part: String?, gate: Gate, origin: Origin)] = []
  var alarms: [(part: String?, alarm: Alarm, origin: Origin)] = []

  var metrics: [(String, Origin)] {
    gates.map { ($0.gate.metric, $0.origin) } + alarms.map { ($0.alarm.metric, $0.origin) }
  }
}

extension GraphBuilder {
  /// Reads a stage's `gate` (one or a list) and `alarm` (a mapping from metrics).
  mutating func readWatches(_ entry: LocatedValue, of stage: inout Declared) {
    if let value = entry.member("gate")?.value, !value.isNull {
      for element in value.elements ?? [value] { readGate(element, of: &stage) }
    }
    if let value = entry.member("alarm")?.value, !value.isNull {
      if value.members == nil {
        fail(
          "`alarm` wants a mapping from metrics, such as {kl: {max: 10, action: stop}}, found "
            + value.found, at: value.origin)
      }
      for member in value.members ?? [] { readAlarm(member, of: &stage) }
    }
    // What a composite stage stands for is known once it is expanded.
    guard let kind = stage.kind else { return }
    checkParts(stage.watches, among: [])
    for (metric, origin) in stage.watches.metrics {
      checkMetric(metric, of: kind, stage: stage.name, at: origin)
    }
  }

  private mutating func readGate(_ value: LocatedValue, of stage: inout Declared) {
    guard value.members != nil else {
      fail(
        "`gate` wants {metric: …, min: …} or a list of such, found \(value.found)",
        at: value.origin)
      return
    }
    let (settings, wrong) = SettingsReading<GateSettings>.read(value)
    note(wrong, of: stage)
    guard let settings else { return }
    guard let metric = settings.metric, !metric.isEmpty else {
      fail("a gate names its `metric`, such as {metric: accuracy, min: 0.6}", at: value.origin)
      return
    }
    let bounds = Bounds(min: settings.min, max: settings.max)
    checkBounds(bounds, others: [], of: "gate", at: value.origin)
    let origin = value.member("metric")?.value.origin ?? value.origin
    stage.watches.gates.append(
      (settings.of, Gate(metric: metric, bounds: bounds, action: settings.action), origin))
  }

  private mutating func readAlarm(_ member: LocatedValue.Member, of stage: inout Declared) {
    guard member.value.members != nil else {
      fail(
        "the alarm on `\(member.key)` wants bounds such as {max: 10}, found \(member.value.found)",
        at: member.value.origin)
      return
    }
    let (settings, wrong) = SettingsReading<AlarmSettings>.read(member.value)
    note(wrong, of: stage)
    guard let settings else { return }
    let bounds = Bounds(min: settings.min, max: settings.max)
    checkBounds(
      bounds, others: [settings.maxRise, settings.maxDrop], of: "alarm", at: member.keyOrigin)
    if !(1...1_000_000).contains(settings.window) {
      fail(
        "`window` is \(settings.window), where 1 or more steps would be right",
        at: member.value.origin(ofPath: "window"))
    }
    stage.watches.alarms.append(
      (
        settings.of,
        Alarm(
          metric: member.key, bounds: bounds, maxRise: settings.maxRise, maxDrop: settings.maxDrop,
          window: max(1, settings.window), action: settings.action), member.keyOrigin
      ))
  }

  private mutating func checkBounds(
    _ bounds: Bounds, others: [Double?], of what: String, at origin: Origin
  ) {
    let all = [bounds.min, bounds.max] + others
    if all.allSatisfy({ $0 == nil }) {
      let more = what == "alarm" ? ", `max_rise` or `max_drop`" : ""
      fail("this \(what) has no bound: give `min`, `max`\(more)", at: origin)
    }
    if all.contains(where: { $0.map { !$0.isFinite } ?? false }) {
      fail("a bound has to be a finite number", at: origin)
    }
    if let min = bounds.min, let max = bounds.max, min > max {
      fail("nothing is at least \(min) and at most \(max)", at: origin)
    }
  }

  /// Gives a node the gates and alarms that are meant for it.
  ///
  /// `main` says whether the node makes the main output of the composite stage that it is part of.
  mutating func watch(_ node: inout StageNode, by watches: Watches, part: String, main: Bool) {
    func isMeant(_ named: String?) -> Bool { named.map { $0 == part } ?? main }
    for (named, gate, origin) in watches.gates where isMeant(named) {
      checkMetric(gate.metric, of: node.kind, stage: node.name, at: origin)
      node.gates.append(gate)
    }
    for (named, alarm, origin) in watches.alarms where isMeant(named) {
      checkMetric(alarm.metric, of: node.kind, stage: node.name, at: origin)
      node.alarms.append(alarm)
    }
  }

  /// Tells of a metric that is nearly one that the kind has.
  ///
  /// What a kind reports depends on its settings, rewards and data, so a name that is far from all
  /// known ones may be right; the first step or the end of the stage will tell.
  private mutating func checkMetric(
    _ metric: String, of kind: StageKind, stage: String, at origin: Origin
  ) {
    guard !kind.metrics.contains(metric), let meant = nearMiss(metric, among: kind.metrics) else {
      return
    }
    fail("stage `\(stage)` has no metric `\(metric)`; did you mean `\(meant)`?", at: origin)
  }

  /// Tells of parts that a composite stage does not have.
  mutating func checkParts(_ watches: Watches, among parts: [String]) {
    let named =
      watches.gates.map { ($0.part, $0.origin) } + watches.alarms.map { ($0.part, $0.origin) }
    for (part, origin) in named {
      guard let part, !parts.contains(part) else { continue }
      fail(
        parts.isEmpty
          ? "`of` is for stages that stand for several"
          : "there is no part `\(part)`\(closing(part, among: parts)) "
            + "Parts: \(parts.joined(separator: ", "))", at: origin)
    }
  }
}
