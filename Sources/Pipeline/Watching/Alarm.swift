internal import OrderedCollections

/// What a metric of a stage's steps has to stay within: `kl: {max: 10, action: stop}`.
///
/// Like a gate it is no part of a stage's identity.
public struct Alarm: Sendable, Equatable {
  public var metric: String
  public var bounds: Bounds
  /// The most that the metric may rise above its first value, or drop below it.
  public var maxRise: Double?
  public var maxDrop: Double?
  /// Steps over whose mean the metric is judged, and from which its first value is taken.
  public var window: Int
  public var action: WatchAction

  public init(
    metric: String, bounds: Bounds = Bounds(), maxRise: Double? = nil, maxDrop: Double? = nil,
    window: Int = 1, action: WatchAction = .warn
  ) {
    self.metric = metric
    self.bounds = bounds
    self.maxRise = maxRise
    self.maxDrop = maxDrop
    self.window = window
    self.action = action
  }

  /// Why a value does not pass, given the first one, or nil.
  func objection(to value: Double, first: Double) -> String? {
    if let breach = bounds.breach(value) { return breach }
    if let maxRise, !(value - first <= maxRise) {
      return
        "\(shown(value - first)) above its first value, where at most \(shown(maxRise)) is wanted"
    }
    if let maxDrop, !(first - value <= maxDrop) {
      return
        "\(shown(first - value)) below its first value, where at most \(shown(maxDrop)) is wanted"
    }
    return nil
  }
}

/// Looks at a stage's steps as they come, once at each: a step that is taken again after an
/// interruption says the same.
struct AlarmWatch {
  enum Finding: Equatable {
    case warning(String)
    case stop(String)
  }

  private struct State {
    var recent: [Double] = []
    var first: Double?
    var isRinging = false
  }

  let stage: String
  let alarms: [Alarm]
  private var states: [State]
  private var lastStep = 0

  init(stage: String, alarms: [Alarm]) {
    self.stage = stage
    self.alarms = alarms
    states = alarms.map { _ in State() }
  }

  /// What a step gives occasion to; an alarm that rings on is told once.
  ///
  /// - Throws: `UnknownMetric` at the first step that is seen, for an alarm that could never ring.
  mutating func take(
    step: Int, _ metrics: OrderedDictionary<String, Double>
  ) throws(UnknownMetric) -> [Finding] {
    guard step > lastStep else { return [] }
    lastStep = step
    var findings: [Finding] = []
    for (index, alarm) in alarms.enumerated() {
      guard let value = metrics[alarm.metric] else {
        // Some metrics are not there in every step; one that never was is a mistake.
        guard states[index].first == nil, states[index].recent.isEmpty else { continue }
        throw UnknownMetric(
          stage: stage, metric: alarm.metric, known: Array(metrics.keys), watch: "alarm")
      }
      if let finding = judge(value, by: alarm, &states[index], step) { findings.append(finding) }
    }
    return findings
  }

  private func judge(_ value: Double, by alarm: Alarm, _ state: inout State, _ step: Int)
    -> Finding?
  {
    state.recent.append(value)
    if state.recent.count > alarm.window { state.recent.removeFirst() }
    guard state.recent.count == alarm.window else { return nil }
    let mean = state.recent.reduce(0, +) / Double(alarm.window)
    let first = state.first ?? mean
    state.first = first
    guard let objection = alarm.objection(to: mean, first: first) else {
      state.isRinging = false
      return nil
    }
    if state.isRinging, alarm.action == .warn { return nil }
    state.isRinging = true
    let over = alarm.window > 1 ? " over \(alarm.window) steps" : ""
    let text =
      "alarm of stage `\(stage)` at step \(step): \(alarm.metric) is \(shown(mean))\(over), "
      + objection
    return alarm.action == .stop ? .stop(text) : .warning(text)
  }
}
