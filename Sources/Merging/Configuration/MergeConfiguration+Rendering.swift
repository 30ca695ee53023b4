import Checkpoints

extension MergeConfiguration {
  /// mergekit's YAML of a merge of whole models.
  func rendered() -> String {
    var lines = ["merge_method: \(method)"]
    if let base { lines.append("base_model: \(Self.quoted(base))") }
    lines.append("models:")
    for source in slices.flatMap(\.sources) {
      lines.append("  - model: \(Self.quoted(source.model))")
      if !source.parameters.isEmpty { lines.append("    parameters:") }
      for setting in source.parameters {
        lines.append("      \(setting.name): \(Self.rendered(setting.value))")
      }
    }
    if !parameters.isEmpty { lines.append("parameters:") }
    for setting in parameters { lines.append("  \(setting.name): \(Self.rendered(setting.value))") }
    if let elementType { lines.append("out_dtype: \(Self.name(of: elementType))") }
    if seed != 0 { lines.append("random_seed: \(Int64(bitPattern: seed))") }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func rendered(_ value: ParameterValue) -> String {
    switch value {
    case .scalar(let number): "\(number)"
    case .word(let word): quoted(word)
    case .gradient(let points): "[\(points.map { "\($0)" }.joined(separator: ", "))]"
    case .filtered(let entries):
      "["
        + entries.map { entry in
          let filter = entry.filter.map { "filter: \(quoted($0)), " } ?? ""
          return "{\(filter)value: \(rendered(entry.value))}"
        }.joined(separator: ", ") + "]"
    }
  }

  private static func quoted(_ text: String) -> String {
    "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }

  /// The element types of outputs, by mergekit's names.
  static let elementTypes: [(name: String, type: ElementType)] = [
    ("float32", .float32), ("bfloat16", .bfloat16), ("float16", .float16),
  ]

  static func name(of type: ElementType) -> String {
    elementTypes.first { $0.type == type }?.name ?? type.rawValue
  }
}
