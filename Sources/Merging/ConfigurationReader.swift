import Checkpoints
import Yams

extension MergeConfiguration {
  /// Reads mergekit's YAML as it is; every mistake is reported at once, with its line and column.
  ///
  /// - Throws: `MergeError.configuration`.
  public init(yaml text: String, file: String? = nil) throws(MergeError) {
    guard text.utf8.count <= 1 << 20 else {
      let fault = ConfigurationFault(.syntax("the configuration is larger than 1 MiB"))
      throw .configuration(file: file, [fault])
    }
    var reader = ConfigurationReader()
    let configuration = reader.read(text)
    guard let configuration, reader.faults.isEmpty else {
      throw .configuration(file: file, reader.faults)
    }
    self = configuration
    let faults = faults()
    guard faults.isEmpty else { throw .configuration(file: file, faults) }
  }
}

/// Walks a configuration's nodes, gathering mistakes.
struct ConfigurationReader {
  private(set) var faults: [ConfigurationFault] = []

  mutating func read(_ text: String) -> MergeConfiguration? {
    do {
      guard let root = try Yams.compose(yaml: text) else {
        report(.missingKey("merge_method", place: "an empty configuration"), nil)
        return nil
      }
      return configuration(root, text)
    } catch let error as YamlError {
      report(.syntax("\(error)"), nil)
    } catch {
      report(.syntax("this is no YAML: \(error)"), nil)
    }
    return nil
  }

  private mutating func configuration(_ root: Node, _ text: String) -> MergeConfiguration? {
    let known = [
      "merge_method", "base_model", "models", "slices", "parameters", "dtype", "out_dtype",
      "tokenizer", "tokenizer_source", "chat_template", "random_seed", "name", "modules",
    ]
    guard let top = fields(root, place: "the configuration", known: known) else { return nil }
    let base = top["base_model"].flatMap { string($0, key: "base_model") }
    guard let methodNode = top["merge_method"], let method = string(methodNode, key: "merge_method")
    else {
      if top["merge_method"] == nil {
        report(.missingKey("merge_method", place: "the configuration"), root)
      }
      return nil
    }
    refuseUnsupported(top)
    var slices: [MergeConfiguration.Slice] = []
    switch (top["models"], top["slices"]) {
    case (let models?, nil):
      slices = [
        .init(sources: list(models, key: "models").compactMap { source($0, ranged: false) })
      ]
    case (nil, let listed?):
      slices = list(listed, key: "slices").compactMap { slice($0) }
    default:
      report(.missingKey("models", place: "the configuration, and not \"slices\" beside it,"), root)
    }
    // The arithmetic is in float32 whatever `dtype` says; without `out_dtype` it also names the output's type.
    let working = top["dtype"].flatMap { elementType($0, key: "dtype") }
    let output = top["out_dtype"].flatMap { elementType($0, key: "out_dtype") }
    return MergeConfiguration(
      method: method, methodPosition: position(methodNode), base: base, slices: slices,
      parameters: top["parameters"].map { settings($0) } ?? [], elementType: output ?? working,
      seed: top["random_seed"].flatMap { $0.int }.map { UInt64(bitPattern: Int64($0)) } ?? 0,
      yaml: text)
  }

  /// What mergekit knows and this does not do is refused, not passed over.
  private mutating func refuseUnsupported(_ top: [String: Node]) {
    if let node = top["modules"] {
      report(.unsupported(key: "modules", found: "set", supported: "list models or slices"), node)
    }
    for key in ["tokenizer_source", "chat_template", "tokenizer"] {
      guard let node = top[key] else { continue }
      let value = key == "tokenizer" ? node.mapping?["source"]?.string : node.string
      let others = node.mapping.map { $0.count > 1 } ?? false
      guard value == "base" || key == "chat_template" && value == "auto", !others else {
        report(
          .unsupported(
            key: key, found: value.map { "\"\($0)\"" } ?? "a table",
            supported: "the tokenizer and its template are the base's (\"base\")"), node)
        continue
      }
    }
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
      base: fields["base_model"].flatMap { string($0, key: "base_model") })
  }

  private mutating func source(_ node: Node, ranged: Bool) -> MergeConfiguration.Source? {
    let known = ["model", "parameters"] + (ranged ? ["layer_range"] : [])
    guard let fields = fields(node, place: "a model", known: known) else { return nil }
    guard let model = fields["model"] else {
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
    guard let path = string(model, key: "model") else { return nil }
    return MergeConfiguration.Source(
      model: path, layers: layers, parameters: fields["parameters"].map { settings($0) } ?? [],
      position: position(node))
  }

  mutating func report(_ kind: ConfigurationFault.Kind, _ node: Node?) {
    faults.append(ConfigurationFault(kind, at: node.flatMap { position($0) }))
  }
}
