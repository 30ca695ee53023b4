import Artifacts
import JSON
import OrderedCollections
import Pipeline

/// What a run's steps say in its first tenth and in its last: from where it came, and to where.
///
/// Means over a tenth say more than one step does. They are kept in the stage's folder as they come,
/// so that a run that was interrupted tells the same at its end as one that was not.
struct EndMetrics {
  private let session: TrainingSession
  private let totalSteps: Int
  private var steps: [Int: OrderedDictionary<String, Double>] = [:]

  private var share: Int { max(1, totalSteps / 10) }
  private var path: String { "\(session.context.work)/ends.jsonl" }

  /// Takes up what an earlier attempt wrote; only the first rank tells, and only it keeps anything.
  init(_ session: TrainingSession, totalSteps: Int) throws {
    self.session = session
    self.totalSteps = totalSteps
    guard session.isFirst, Files.exists(path) else { return }
    for line in try Files.read(path, limit: 1 << 30).split(separator: UInt8(ascii: "\n")) {
      // A line that was being written when the attempt ended is written again.
      guard let json = try? JSON(parsing: line), let step = json["step"]?.int,
        let metrics = json["metrics"]?.object
      else { continue }
      steps[step] = metrics.compactMapValues(\.double)
    }
  }

  /// Counted from 1, as steps are shown.
  mutating func add(_ metrics: OrderedDictionary<String, Double>, step: Int) throws {
    guard session.isFirst, step <= share || step > totalSteps - share else { return }
    let finite = metrics.filter { $0.value.isFinite }
    steps[step] = finite
    let line: JSON = [
      "step": .integer(step), "metrics": .object(finite.mapValues { .number($0) }),
    ]
    try Files.append(Array((line.serialized() + "\n").utf8), to: path)
  }

  /// For each name the mean at the end, and under `NAME/first` the one at the beginning.
  func summary(_ names: [String]) -> OrderedDictionary<String, Double> {
    var summary: OrderedDictionary<String, Double> = [:]
    for name in names {
      summary[name] = mean(of: name, totalSteps - share + 1...totalSteps)
      if totalSteps > 1 { summary[name + "/first"] = mean(of: name, 1...share) }
    }
    return summary
  }

  private func mean(of name: String, _ range: ClosedRange<Int>) -> Double? {
    let values = range.compactMap { steps[$0]?[name] }
    return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }
}
