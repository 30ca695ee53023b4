import OrderedCollections
import Pipeline

/// How far a stage is, as its steps say.
struct StageProgress {
  let stage: String
  let began: ContinuousClock.Instant
  private var step = 0
  private var total: Int?
  private var metrics: OrderedDictionary<String, Double> = [:]
  private var what = ""
  /// The first step of this attempt, which a resumed stage did not begin with.
  private var first: (step: Int, at: ContinuousClock.Instant)?
  private var last: ContinuousClock.Instant

  init(stage: String, now: ContinuousClock.Instant) {
    self.stage = stage
    began = now
    last = now
  }

  mutating func take(_ event: StageEvent, now: ContinuousClock.Instant) {
    switch event {
    case .step(let step, let total, let metrics):
      begin(step - 1, what: "step", now)
      (self.step, self.total, self.metrics) = (step, total, metrics)
    case .progress(let what, let done, let total):
      begin(0, what: what, now)
      (self.step, self.total) = (done, total)
      metrics = [:]
    default: return
    }
    last = now
  }

  private mutating func begin(_ step: Int, what: String, _ now: ContinuousClock.Instant) {
    if self.what != what || first == nil {
      first = (step, self.what.isEmpty ? began : now)
      self.what = what
    }
  }

  /// `412/1,200`, or `sampled 412/1,200`.
  var position: String {
    let name = what == "step" ? "step" : what
    guard let total else { return "\(name) \(Amount.grouped(step))" }
    return "\(name) \(Amount.grouped(step))/\(Amount.grouped(total))"
  }

  var share: Double? {
    guard let total, total > 0 else { return nil }
    return min(1, Double(step) / Double(total))
  }

  /// Seconds to go, from the pace of this attempt.
  var remaining: Double? {
    guard let total, let first, step > first.step else { return nil }
    return (last - first.at).inSeconds / Double(step - first.step) * Double(max(0, total - step))
  }

  /// The few figures that say how it goes.
  var figures: String {
    let names = [
      "loss", "reward", "rewards/margins", "rewards/accuracies", "accuracy", "margin", "kl",
    ]
    var parts = names.compactMap { name in
      metrics[name].flatMap { $0.isFinite ? "\(name) \(Amount.figure($0))" : nil }
    }
    parts = Array(parts.prefix(3))
    if let pace = metrics["tokens_per_second"], pace > 0 {
      parts.append("\(Amount.grouped(Int(min(pace, 1e15)))) tokens/s")
    }
    return parts.joined(separator: "  ")
  }

  /// A bar of ten.
  var bar: String {
    guard let share else { return "" }
    let full = Int(share * 10)
    return String(repeating: "▇", count: full) + String(repeating: "▁", count: 10 - full)
  }

  /// For a terminal: what a glance takes in.
  var live: String {
    var parts = [" ▶ \(stage)"]
    if what.isEmpty { return parts[0] + "  …" }
    parts.append(position)
    if let share { parts.append("\(Int(share * 100))% \(bar)") }
    if !figures.isEmpty { parts.append(figures) }
    if let remaining { parts.append("ETA \(Amount.duration(remaining))") }
    return parts.joined(separator: "  ")
  }

  /// For a log: the same without a bar.
  var plain: String {
    var parts = ["\(stage): \(position)"]
    if let share { parts.append("(\(Int(share * 100))%)") }
    if !figures.isEmpty { parts.append(figures) }
    if let remaining { parts.append("ETA \(Amount.duration(remaining))") }
    return parts.joined(separator: "  ")
  }
}

extension Duration {
  var inSeconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}
