internal import Artifacts

/// The stages of a run as boxes, each below what it was made from.
struct LineageDrawing {
  let stages: [StageReport]

  private static let box = (width: 190.0, height: 40.0)
  private static let gap = (across: 24.0, down: 26.0)

  /// For each stage that has a record: the row it stands in, and the stages that it reads.
  private var places: [(stage: StageReport, row: Int, column: Int, sources: [Int])] {
    var places: [(stage: StageReport, row: Int, column: Int, sources: [Int])] = []
    var widths: [Int: Int] = [:]
    for stage in stages {
      guard let record = stage.record else { continue }
      let sources = places.indices.filter { index in
        record.inputs.contains { $0.producer == places[index].stage.record?.fingerprint }
      }
      let row = (sources.map { places[$0].row }.max() ?? -1) + 1
      places.append((stage, row, widths[row, default: 0], sources))
      widths[row, default: 0] += 1
    }
    return places
  }

  var markup: Markup {
    let places = places
    guard let rows = places.map(\.row).max(), let columns = places.map(\.column).max() else {
      return .text("")
    }
    let (box, gap) = (LineageDrawing.box, LineageDrawing.gap)
    let width = Double(columns + 1) * (box.width + gap.across) + gap.across
    let height = Double(rows + 1) * (box.height + gap.down) + gap.down
    func corner(_ index: Int) -> (x: Double, y: Double) {
      (
        gap.across + Double(places[index].column) * (box.width + gap.across),
        gap.down + Double(places[index].row) * (box.height + gap.down)
      )
    }
    let edges = places.indices.flatMap { index in
      places[index].sources.map { source in
        let (from, to) = (corner(source), corner(index))
        return Markup.tag(
          "path",
          [
            "class": "edge",
            "d": "M\(Figure.tenth(from.x + box.width / 2)) \(Figure.tenth(from.y + box.height)) "
              + "L\(Figure.tenth(to.x + box.width / 2)) \(Figure.tenth(to.y))",
          ])
      }
    }
    let boxes = places.indices.map { drawing(of: places[$0].stage, at: corner($0)) }
    return .tag(
      "svg",
      [
        "class": "lineage", "viewBox": "0 0 \(Int(width)) \(Int(height))",
        "width": "\(Int(width))", "role": "img", "aria-label": "what was made from what",
      ], edges + boxes)
  }

  private func drawing(of stage: StageReport, at corner: (x: Double, y: Double)) -> Markup {
    let digest = stage.record?.outputs.first.map { $0.digest.short } ?? ""
    let (x, y) = (Figure.tenth(corner.x + 8), corner.y)
    return .tag(
      "g", [:],
      [
        .tag(
          "rect",
          [
            "x": Figure.tenth(corner.x), "y": Figure.tenth(y), "rx": "5",
            "width": Figure.tenth(LineageDrawing.box.width),
            "height": Figure.tenth(LineageDrawing.box.height),
          ]),
        .tag("text", ["x": x, "y": Figure.tenth(y + 17)], String(stage.name.suffix(26))),
        .tag(
          "text", ["x": x, "y": Figure.tenth(y + 33), "class": "faint"],
          "\(stage.record?.kind ?? "") \(digest)"),
      ])
  }
}
