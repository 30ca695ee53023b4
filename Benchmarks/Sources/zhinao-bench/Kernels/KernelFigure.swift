/// How fast a kernel is, beside what the machine can do.
struct KernelFigure: Codable {
  enum Unit: String, Codable {
    case gigaFLOPs = "GFLOP/s"
    case gigabytes = "GB/s"
  }

  var name: String
  var threads: Int
  var unit: Unit
  /// The median of the rounds.
  var speed: Double
  /// The best of the rounds.
  var best: Double
  /// The best product, or the median copy, of the same rounds.
  var ceiling: Double
  /// What the ceiling is of.
  var ceilingName: String

  /// Processors that others used meanwhile.
  var others: Double

  /// From here on a figure says nothing of the machine.
  static let disturbance = 0.1
  var share: Double { speed / ceiling }

  enum CodingKeys: String, CodingKey {
    case name
    case threads
    case unit
    case speed
    case best
    case ceiling
    case ceilingName = "ceiling_name"
    case others
  }
}

/// All kernels of a run.
struct KernelReport: Codable {
  var figures: [KernelFigure]
  var kernels: String
  /// Whether shares are given whatever else the machine did.
  var anyway: Bool

  /// A table in Markdown.
  var table: String {
    let lines = figures.map { figure in
      "| \(figure.name) | \(figure.threads) | \(rounded(figure.speed)) \(figure.unit.rawValue) "
        + "| \(rounded(figure.ceiling)) (\(figure.ceilingName)) | \(share(figure)) |"
    }
    return
      (["| kernel | threads | speed | ceiling | share |", "|---|---|---|---|---|"] + lines)
      .joined(separator: "\n") + "\n"
  }

  private func share(_ figure: KernelFigure) -> String {
    guard figure.others >= KernelFigure.disturbance else { return percent(figure.share) }
    return anyway ? "\(percent(figure.share)), disturbed" : "busy: no conclusion"
  }
}
