/// An inspection as a picture: a row for each layer, a column for each figure, the darker the larger.
public struct HeatMap: Sendable {
  private struct Column {
    var title: String
    var values: [Double]
    /// Whether the colour runs from −1 to 1 instead of from 0 to the largest.
    var isSigned = false
  }

  private let rows: [String]
  private let columns: [Column]
  private let title: String

  public init(_ inspection: MergeInspection) {
    rows = inspection.layers.map(\.name)
    title = "Changes from \(inspection.base)"
    var columns: [Column] = []
    let layers = inspection.layers
    for (index, model) in inspection.models.enumerated() {
      columns.append(
        Column(
          title: "‖δ‖/‖θ₀‖ \(model)",
          values: layers.map { $0.baseNorm > 0 ? $0.norms[index] / $0.baseNorm : 0 }))
    }
    for (index, pair) in inspection.pairs.enumerated() {
      columns.append(
        Column(
          title: "cos \(inspection.models[pair.first]), \(inspection.models[pair.second])",
          values: layers.map { $0.cosines[index] }, isSigned: true))
    }
    columns.append(Column(title: "sign conflicts", values: layers.map(\.conflict)))
    for (index, model) in inspection.models.enumerated() {
      columns.append(
        Column(title: "trimmed energy \(model)", values: layers.map { $0.trimmed[index] }))
    }
    self.columns = columns
  }

  /// The picture as SVG; the same inspection gives the same bytes.
  public var svg: String {
    let (cell, left, top) = ((width: 76, height: 20), 90, 190)
    let width = left + columns.count * cell.width + 110
    let height = top + rows.count * cell.height + 16
    var lines = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(width)\" height=\"\(height)\" "
        + "viewBox=\"0 0 \(width) \(height)\" font-family=\"sans-serif\" font-size=\"11\">",
      "<rect width=\"\(width)\" height=\"\(height)\" fill=\"#ffffff\"/>",
      "<text x=\"8\" y=\"18\" font-size=\"14\">\(Self.escaped(title))</text>",
    ]
    for (index, row) in rows.enumerated() {
      let y = top + index * cell.height + 14
      lines.append("<text x=\"\(left - 6)\" y=\"\(y)\" text-anchor=\"end\">\(row)</text>")
    }
    for (place, column) in columns.enumerated() {
      let x = left + place * cell.width
      lines.append(
        "<text transform=\"translate(\(x + cell.width / 2),\(top - 6)) rotate(-40)\">"
          + "\(Self.escaped(column.title))</text>")
      let largest = column.isSigned ? 1 : column.values.map(abs).max() ?? 0
      for (row, value) in column.values.enumerated() {
        let y = top + row * cell.height
        let share = largest > 0 ? value / largest : 0
        lines.append(
          "<rect x=\"\(x)\" y=\"\(y)\" width=\"\(cell.width - 1)\" height=\"\(cell.height - 1)\" "
            + "fill=\"\(Self.colour(share))\"/>")
        lines.append(
          "<text x=\"\(x + cell.width / 2)\" y=\"\(y + 14)\" text-anchor=\"middle\" "
            + "fill=\"\(abs(share) > 0.6 ? "#ffffff" : "#222222")\">\(Self.short(value))</text>")
      }
    }
    return (lines + ["</svg>"]).joined(separator: "\n") + "\n"
  }

  /// White at 0, blue above, red below.
  private static func colour(_ share: Double) -> String {
    let strength = min(1, abs(share.isFinite ? share : 0))
    let end = share < 0 ? (178, 24, 43) : (33, 102, 172)
    func mix(_ value: Int) -> String {
      let mixed = Int((255 + (Double(value) - 255) * strength).rounded())
      let digits = String(mixed, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }
    return "#" + mix(end.0) + mix(end.1) + mix(end.2)
  }

  /// Three significant places.
  static func short(_ value: Double) -> String {
    guard value.isFinite else { return "\(value)" }
    if value == 0 { return "0" }
    let size = abs(value)
    if size >= 100 { return "\(Int(value.rounded()))" }
    let scale = size >= 1 ? 100.0 : size >= 0.001 ? 1000.0 : 1_000_000.0
    let rounded = (value * scale).rounded() / scale
    return "\(rounded)"
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }
}
