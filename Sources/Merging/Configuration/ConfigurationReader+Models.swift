import Yams

/// What is merged: models, slices of their layers, modules.
extension ConfigurationReader {
  /// What is merged: `models`, `slices` or `modules`, and one of them only.
  mutating func modules(_ root: Node, _ top: [String: Node]) -> [MergeConfiguration.Module] {
    guard let modules = top["modules"] else {
      return slices(root, top, place: "the configuration").map { [.init(slices: $0)] } ?? []
    }
    if let other = ["models", "slices"].first(where: { top[$0] != nil }) {
      report(
        .unsupported(
          key: other, found: "beside \"modules\"",
          supported: "one of models, slices and modules says what is merged"), top[other])
    }
    guard let mapping = modules.mapping, !mapping.isEmpty else {
      report(
        .wrongValue(key: "modules", found: kind(modules), expected: "a table of modules"), modules)
      return []
    }
    var read: [MergeConfiguration.Module] = []
    for (key, value) in mapping {
      let known = ["models", "slices", "parameters"]
      let place = "the module \"\(key.string ?? "")\""
      guard let fields = fields(value, place: place, known: known),
        let name = string(key, key: "modules"),
        let slices = slices(value, fields, place: place)
      else { continue }
      read.append(
        .init(
          name: name == "default" ? nil : name, slices: slices,
          parameters: fields["parameters"].map { settings($0) } ?? [], position: position(key)))
    }
    return read
  }

  private mutating func slices(
    _ node: Node, _ fields: [String: Node], place: String
  ) -> [MergeConfiguration.Slice]? {
    switch (fields["models"], fields["slices"]) {
    case (let models?, nil):
      return [
        .init(sources: list(models, key: "models").compactMap { source($0, ranged: false) })
      ]
    case (nil, let listed?): return list(listed, key: "slices").compactMap { slice($0) }
    case (_?, let both?):
      report(
        .unsupported(
          key: "slices", found: "beside \"models\"",
          supported: "one of models, slices and modules says what is merged"), both)
    default: report(.missingKey("models", place: place), node)
    }
    return nil
  }

  private mutating func slice(_ node: Node) -> MergeConfiguration.Slice? {
    let known = ["sources", "parameters", "base_model"]
    guard let fields = fields(node, place: "a slice", known: known) else { return nil }
    guard let sources = fields["sources"] else {
      report(.missingKey("sources", place: "a slice"), node)
      return nil
    }
    return MergeConfiguration.Slice(
      sources: list(sources, key: "sources").compactMap { source($0, ranged: true) },
      parameters: fields["parameters"].map { settings($0) } ?? [],
      base: fields["base_model"].flatMap { model($0, key: "base_model") })
  }

  private mutating func source(_ node: Node, ranged: Bool) -> MergeConfiguration.Source? {
    let known = ["model", "parameters"] + (ranged ? ["layer_range"] : [])
    guard let fields = fields(node, place: "a model", known: known) else { return nil }
    guard let named = fields["model"] else {
      report(.missingKey("model", place: "a model"), node)
      return nil
    }
    var layers: Range<Int>?
    if let range = fields["layer_range"] {
      let bounds = list(range, key: "layer_range").compactMap(\.int)
      if bounds.count == 2, bounds[0] >= 0, bounds[0] < bounds[1] {
        layers = bounds[0]..<bounds[1]
      } else {
        report(
          .wrongValue(
            key: "layer_range", found: "\(bounds)", expected: "[first, one after the last]"), range)
      }
    } else if ranged {
      report(.missingKey("layer_range", place: "a source of a slice"), node)
    }
    guard let path = model(named, key: "model") else { return nil }
    return MergeConfiguration.Source(
      model: path, layers: layers, parameters: fields["parameters"].map { settings($0) } ?? [],
      position: position(node))
  }
}
