import JSON

/// What `run --profile` shows behind each stage: its activities, those that took longest first.
enum ProfileTable {
  /// Rows below this share of the wall are one row.
  private static let leastShare = 0.002

  private struct Row {
    var path: [String]
    var calls: Int
    var seconds: Double
    var gflops: Double?
    var gigabytes: Double?

    init(_ json: JSON) {
      path = (json["path"]?.array ?? []).compactMap(\.string)
      calls = json["calls"]?.int ?? 0
      seconds = json["seconds"]?.double ?? 0
      gflops = json["gflops"]?.double
      gigabytes = json["gigabytes_per_second"]?.double
    }

    /// What a stage does is where the activity was; what lies within another kernel says so itself.
    var phase: String { path.count > 1 ? path[0] : "–" }
    var name: String { path.dropFirst(path.count > 1 ? 1 : 0).joined(separator: " › ") }
  }

  static func lines(of profile: JSON, stage: String) -> [String] {
    let wall = profile["seconds"]?.double ?? 0
    let rows = (profile["activities"]?.array ?? []).map(Row.init)
    func share(_ seconds: Double) -> String {
      wall > 0 ? "\(Amount.figure((seconds / wall * 1000).rounded() / 10)) %" : "–"
    }
    var table = Table(
      ["in", "activity", "time", "share", "calls", "GFLOP/s", "GB/s"],
      rightAligned: [2, 3, 4, 5, 6])
    for row in rows where row.seconds >= leastShare * wall {
      table.rows.append([
        row.phase, row.path.count == 1 ? "\(row.name), the rest" : row.name,
        Amount.duration(row.seconds), share(row.seconds), Amount.grouped(row.calls),
        rate(row.gflops), rate(row.gigabytes),
      ])
    }
    let small = rows.filter { $0.seconds < leastShare * wall }.reduce(0) { $0 + $1.seconds }
    let known = rows.reduce(0) { $0 + $1.seconds }
    for (name, seconds) in [("smaller ones", small), ("not measured", max(0, wall - known))] {
      table.rows.append(["–", name, Amount.duration(seconds), share(seconds), "–", "–", "–"])
    }
    return ["   \(stage.printable()): \(Amount.duration(wall)) of the first rank's thread"]
      + table.lines.map { "  " + $0 }
  }

  private static func rate(_ value: Double?) -> String {
    value.map { Amount.figure(($0 * 10).rounded() / 10) } ?? "–"
  }
}
