internal import Glibc

/// A curve as a small drawing with its name, its range and its last value.
struct LineChart {
  let curve: Curve

  private static let width = 300.0
  private static let height = 90.0
  private static let points = 240

  var markup: Markup {
    let shown = curve.thinned(to: LineChart.points)
    let values = shown.map(\.value)
    guard let low = values.min(), let high = values.max(), let first = shown.first?.step,
      let last = shown.last?.step
    else { return .text("") }
    let caption = "\(curve.name): \(Figure.text(values[values.count - 1]))"
    return .tag(
      "figure", [:],
      [
        .tag("figcaption", [:], caption),
        .tag(
          "svg",
          [
            "viewBox": "0 0 \(Int(LineChart.width)) \(Int(LineChart.height))", "role": "img",
            "aria-label": "\(caption), from \(Figure.text(low)) to \(Figure.text(high))",
          ],
          [
            .tag("polyline", ["points": path(shown, low...high, first...last), "class": "curve"])
          ]),
        .tag(
          "div", ["class": "range"],
          "\(Figure.text(low)) – \(Figure.text(high)) · steps \(first) – \(last)"),
      ])
  }

  private func path(
    _ points: [Curve.Point], _ values: ClosedRange<Double>, _ steps: ClosedRange<Int>
  ) -> String {
    let rise = values.upperBound - values.lowerBound
    let run = Double(steps.upperBound) - Double(steps.lowerBound)
    return points.map { point in
      let across = run > 0 ? (Double(point.step) - Double(steps.lowerBound)) / run : 0.5
      let up = rise > 0 && rise.isFinite ? (point.value - values.lowerBound) / rise : 0.5
      return "\(Figure.tenth(2 + across * (LineChart.width - 4))),"
        + "\(Figure.tenth(LineChart.height - 3 - up * (LineChart.height - 6)))"
    }.joined(separator: " ")
  }
}

/// Numbers for people.
enum Figure {
  /// Four significant digits.
  static func text(_ value: Double) -> String { format(value, "%.4g") }

  /// One decimal, for coordinates.
  static func tenth(_ value: Double) -> String { format(value, "%.1f") }

  /// `41 s`, `3:12`, `1:02:03`.
  static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, (0..<1e9).contains(seconds) else { return "–" }
    if seconds < 59.5 { return format(seconds, seconds < 9.95 ? "%.1f s" : "%.0f s") }
    let whole = Int(seconds.rounded())
    let two = { (value: Int) in value < 10 ? "0\(value)" : "\(value)" }
    let minutes = "\(whole >= 3600 ? two(whole / 60 % 60) : "\(whole / 60)"):\(two(whole % 60))"
    return whole >= 3600 ? "\(whole / 3600):\(minutes)" : minutes
  }

  private static func format(_ value: Double, _ format: String) -> String {
    var buffer = [CChar](repeating: 0, count: 64)
    let length = withVaList([value]) { vsnprintf(&buffer, buffer.count, format, $0) }
    return String(
      decoding: buffer.prefix(max(0, Int(length))).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
