import Checkpoints
import Yams

/// Values of YAML as what a configuration takes them for; what is something else is reported.
extension ConfigurationReader {
  mutating func settings(_ node: Node) -> [MergeConfiguration.Setting] {
    guard let mapping = node.mapping else {
      report(
        .wrongValue(key: "parameters", found: kind(node), expected: "names and values"), node)
      return []
    }
    return mapping.compactMap { key, value in
      guard let name = key.string, let value = parameter(value, key: name) else { return nil }
      return MergeConfiguration.Setting(name, value, position: position(key))
    }
  }

  mutating func parameter(_ node: Node, key: String) -> ParameterValue? {
    if let sequence = node.sequence, let first = sequence.first, first.mapping != nil {
      return .filtered(sequence.compactMap { filtered($0, key: key) })
    }
    return plain(node, key: key)
  }

  private mutating func filtered(_ node: Node, key: String) -> ParameterValue.Filtered? {
    guard let fields = fields(node, place: "a filter of \(key)", known: ["filter", "value"]) else {
      return nil
    }
    guard let value = fields["value"] else {
      report(.missingKey("value", place: "a filter of \(key)"), node)
      return nil
    }
    return plain(value, key: key).map {
      .init(filter: fields["filter"].flatMap { string($0, key: "filter") }, value: $0)
    }
  }

  private mutating func plain(_ node: Node, key: String) -> ParameterValue? {
    if let sequence = node.sequence {
      let points = sequence.compactMap { number($0) }
      if points.count == sequence.count, !points.isEmpty { return .gradient(points) }
    } else if let value = number(node) {
      return .scalar(value)
    } else if let word = node.string, !word.isEmpty, node.null == nil {
      return .word(word)
    }
    report(
      .wrongValue(
        key: key, found: kind(node),
        expected: "a number, a list of numbers over the layers, or a "
          + "list of {filter, value}"), node)
    return nil
  }

  private func number(_ node: Node) -> Double? {
    guard node.scalar != nil else { return nil }
    if let flag = node.bool { return flag ? 1 : 0 }
    guard let value = node.float, value.isFinite else { return nil }
    return value
  }

  mutating func elementType(_ node: Node, key: String) -> ElementType? {
    let types = MergeConfiguration.elementTypes
    let value = node.string ?? kind(node)
    if let type = types.first(where: { $0.name == value })?.type { return type }
    let expected = types.map(\.name).joined(separator: ", ")
    report(.wrongValue(key: key, found: "\"\(value)\"", expected: "one of \(expected)"), node)
    return nil
  }

  mutating func string(_ node: Node, key: String) -> String? {
    if let text = node.string, !text.isEmpty, node.null == nil { return text }
    report(.wrongValue(key: key, found: kind(node), expected: "a text"), node)
    return nil
  }

  mutating func list(_ node: Node, key: String) -> [Node] {
    if let sequence = node.sequence, !sequence.isEmpty, sequence.count <= 4096 {
      return Array(sequence)
    }
    report(.wrongValue(key: key, found: kind(node), expected: "a list"), node)
    return []
  }

  /// A table's values by key; keys that are not known are reported.
  mutating func fields(_ node: Node, place: String, known: [String]) -> [String: Node]? {
    guard let mapping = node.mapping else {
      report(.wrongValue(key: place, found: kind(node), expected: "a table"), node)
      return nil
    }
    var fields: [String: Node] = [:]
    for (key, value) in mapping {
      let name = key.string ?? kind(key)
      guard known.contains(name) else {
        report(.unknownKey(name, place: place, known: known), key)
        continue
      }
      // `parameters:` with nothing behind it is as good as absent.
      if value.null == nil || value.scalar == nil { fields[name] = value }
    }
    return fields
  }

  func kind(_ node: Node) -> String {
    switch node {
    case .scalar(let scalar): scalar.string.isEmpty ? "nothing" : "\"\(scalar.string)\""
    case .sequence: "a list"
    case .mapping: "a table"
    case .alias: "an alias"
    }
  }

  func position(_ node: Node) -> Position? {
    node.mark.map { Position(line: $0.line, column: $0.column) }
  }
}
