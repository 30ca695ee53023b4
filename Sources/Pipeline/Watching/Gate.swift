internal import Suggestions

/// What a stage's closing figure has to be for the run to go on: `{metric: accuracy, min: 0.6}`.
///
/// It decides whether the run goes on and not what a stage makes, so it is no part of a stage's
/// identity: a stage whose gate stays shut is finished, kept, and not run again.
public struct Gate: Sendable, Equatable {
  public var metric: String
  public var bounds: Bounds
  public var action: WatchAction

  public init(metric: String, bounds: Bounds, action: WatchAction = .stop) {
    self.metric = metric
    self.bounds = bounds
    self.action = action
  }

  /// Figures of a stage's data are told before its first step, and judged then.
  public var isOfData: Bool { metric.hasPrefix("data/") || metric.hasPrefix("eval_data/") }

  /// Why a figure does not pass, or nil.
  func objection(to value: Double, stage: String) -> String? {
    bounds.breach(value).map { "gate of stage `\(stage)`: \(metric) is \(shown(value)), \($0)" }
  }
}

/// A stage has no figure of a name that the recipe watches.
struct UnknownMetric: Error, Sendable, Equatable, CustomStringConvertible {
  var stage: String
  var metric: String
  var known: [String]
  /// `gate` or `alarm`.
  var watch: String

  var description: String {
    let what = watch == "gate" ? "closing figures" : "steps"
    guard !known.isEmpty else {
      return "\(watch) of stage `\(stage)`: its \(what) have no metrics, and so no `\(metric)`"
    }
    return "\(watch) of stage `\(stage)`: its \(what) have no `\(metric)`"
      + "\(closing(metric, among: known)) There are \(known.joined(separator: ", "))"
  }
}
