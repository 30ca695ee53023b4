/// A curve of tokens per second as an SVG: one line a side, the axis in powers of two.
struct CurvePlot {
  struct Line {
    var title: String
    var color: String
    var points: [(value: Int, speed: Double)]
  }

  var name: String
  var axis: String
  var lines: [Line]

  private static let (width, height, margin) = (640.0, 360.0, 60.0)

  /// The curves whose points were measured.
  static func all(of rows: [RowOutcome]) -> [CurvePlot] {
    var names: [String] = []
    for case let point? in rows.map(\.point) where !names.contains(point.curve) {
      names.append(point.curve)
    }
    return names.map { name in
      let own = rows.filter { $0.point?.curve == name }
      func line(_ side: Entrant.Side, _ title: String, _ color: String) -> Line {
        Line(
          title: title, color: color,
          points: own.compactMap { row in
            guard let best = row.best(side), let point = row.point else { return nil }
            return (point.value, row.speed(best))
          })
      }
      return CurvePlot(
        name: name, axis: own.first?.point?.axis ?? "",
        lines: [line(.ours, "ours", "#1f6fb4"), line(.peer, "peer", "#c4552d")])
    }
  }

  var svg: String {
    let values = lines.flatMap { $0.points.map(\.value) }
    let top = (lines.flatMap { $0.points.map(\.speed) }.max() ?? 1) * 1.1
    let (least, most) = (values.min() ?? 1, values.max() ?? 1)
    let steps = Double(max(1, CurvePlot.doublings(least, most)))
    func x(_ value: Int) -> Double {
      CurvePlot.margin + (CurvePlot.width - 2 * CurvePlot.margin)
        * Double(CurvePlot.doublings(least, value)) / steps
    }
    func y(_ speed: Double) -> Double {
      CurvePlot.height - CurvePlot.margin - (CurvePlot.height - 2 * CurvePlot.margin) * speed / top
    }
    var parts = [
      CurvePlot.text(CurvePlot.width / 2, CurvePlot.height - 12, axis),
      CurvePlot.text(CurvePlot.width / 2, 24, "tokens per second"),
      "<path d='M60 60V300H580' fill='none' stroke='#444'/>",
    ]
    for value in Set(values).sorted() {
      parts.append(CurvePlot.text(x(value), CurvePlot.height - 38, "\(value)"))
    }
    for (index, line) in lines.enumerated() where !line.points.isEmpty {
      let places = line.points.map { "\(rounded(x($0.value))),\(rounded(y($0.speed)))" }
      parts.append(
        "<polyline points='\(places.joined(separator: " "))' fill='none' stroke='\(line.color)' "
          + "stroke-width='2'/>")
      for point in line.points {
        parts.append(CurvePlot.text(x(point.value), y(point.speed) - 6, rounded(point.speed)))
      }
      parts.append(CurvePlot.text(90 + 60 * Double(index), 50, line.title, line.color))
    }
    return "<svg xmlns='http://www.w3.org/2000/svg' width='640' height='360'>"
      + "<rect width='640' height='360' fill='white'/>" + parts.joined(separator: "\n") + "</svg>\n"
  }

  /// How often the one doubles up to the other, for powers of two.
  private static func doublings(_ from: Int, _ to: Int) -> Int {
    max(1, to / max(1, from)).trailingZeroBitCount
  }

  private static func text(
    _ x: Double, _ y: Double, _ words: String, _ color: String = "#222"
  ) -> String {
    "<text x='\(rounded(x))' y='\(rounded(y))' fill='\(color)' font-family='sans-serif' "
      + "font-size='12' text-anchor='middle'>\(words)</text>"
  }
}
