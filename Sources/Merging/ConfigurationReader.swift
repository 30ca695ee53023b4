import Checkpoints
import Yams

extension MergeConfiguration {
  /// Reads mergekit's YAML as it is; every mistake is reported at once, with its line and column.
  ///
  /// - Throws: `MergeError.configuration`.
  public init(yaml text: String, file: String? = nil) throws(MergeError) {
    let documents = try MergeConfiguration.documents(yaml: text, file: file)
    guard documents.count == 1 else {
      let fault = ConfigurationFault.Kind.unsupported(
        key: "---", found: "a line between \(documents.count) documents",
        supported: "one merge is read here")
      throw .configuration(file: file, [ConfigurationFault(fault)])
    }
    self = documents[0]
  }

  /// Reads one or more documents, divided by `---`; each is checked as a configuration of its method.
  ///
  /// - Throws: `MergeError.configuration`.
  static func documents(
    yaml text: String, file: String?
  ) throws(MergeError) -> [MergeConfiguration] {
    guard text.utf8.count <= 1 << 20 else {
      let fault = ConfigurationFault(.syntax("the configuration is larger than 1 MiB"))
      throw .configuration(file: file, [fault])
    }
    var reader = ConfigurationReader()
    let documents = reader.read(text)
    let faults = reader.faults + (reader.faults.isEmpty ? documents.flatMap { $0.faults() } : [])
    guard faults.isEmpty else { throw .configuration(file: file, faults) }
    return documents
  }
}

/// Walks a configuration's nodes, gathering mistakes.
struct ConfigurationReader {
  /// Aliases may stand for as many nodes as a configuration of 1 MiB has, and not for more.
  private static let nodeLimit = 200_000
  private static let depthLimit = 64

  private(set) var faults: [ConfigurationFault] = []

  mutating func read(_ text: String) -> [MergeConfiguration] {
    guard isShallow(text) else {
      report(.syntax("brackets are nested deeper than \(Self.depthLimit)"), nil)
      return []
    }
    do {
      var roots: [Node] = []
      let parser = try Yams.Parser(yaml: text)
      while let root = try parser.nextRoot() {
        guard roots.count < 64 else {
          report(.syntax("there are more than 64 documents"), root)
          return []
        }
        if root.null == nil || root.mapping != nil { roots.append(root) }
      }
      var budget = Self.nodeLimit
      guard roots.allSatisfy({ isSmall($0, depth: 0, &budget) }) else {
        report(.syntax("its aliases stand for too much; write the values out"), nil)
        return []
      }
      guard !roots.isEmpty else {
        report(.missingKey("merge_method", place: "an empty configuration"), nil)
        return []
      }
      return roots.compactMap { configuration($0, text) }
    } catch let error as YamlError {
      report(error)
    } catch {
      report(.syntax("this is no YAML: \(error)"), nil)
    }
    return []
  }

  private mutating func report(_ error: YamlError) {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      let position = Position(line: mark.line, column: max(1, mark.column))
      faults.append(ConfigurationFault(.syntax("this is no YAML: \(problem)"), at: position))
    case .duplicatedKeysInMapping(let names, _):
      report(.syntax("the key \"\(names.first ?? "")\" is there twice in one table"), nil)
    default: report(.syntax("this is no YAML: \(error)"), nil)
    }
  }

  /// The parser calls itself for every bracket; lines cannot indent as deep in 1 MiB.
  private func isShallow(_ text: String) -> Bool {
    var depth = 0
    var dashes = 0
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: "]"), UInt8(ascii: "}"): depth = max(0, depth - 1)
      case UInt8(ascii: "\n"): dashes = 0
      case UInt8(ascii: "-"), UInt8(ascii: "?"), UInt8(ascii: ":"): dashes += 1
      default: break
      }
      // `- - - -` nests too; rulers of dashes in comments are no longer than this.
      if depth > 4 * Self.depthLimit || dashes > 1024 { return false }
    }
    return true
  }

  private func isSmall(_ node: Node, depth: Int, _ budget: inout Int) -> Bool {
    budget -= 1
    guard budget > 0, depth <= Self.depthLimit else { return false }
    switch node {
    case .sequence(let sequence):
      return sequence.allSatisfy { isSmall($0, depth: depth + 1, &budget) }
    case .mapping(let mapping):
      return mapping.allSatisfy {
        isSmall($0.key, depth: depth + 1, &budget) && isSmall($0.value, depth: depth + 1, &budget)
      }
    default: return true
    }
  }

  private mutating func configuration(_ root: Node, _ text: String) -> MergeConfiguration? {
    let known = [
      "merge_method", "base_model", "models", "slices", "parameters", "dtype", "out_dtype",
      "tokenizer", "tokenizer_source", "chat_template", "random_seed", "name", "modules",
    ]
    guard let top = fields(root, place: "the configuration", known: known) else { return nil }
    guard let methodNode = top["merge_method"], let method = string(methodNode, key: "merge_method")
    else {
      if top["merge_method"] == nil {
        report(.missingKey("merge_method", place: "the configuration"), root)
      }
      return nil
    }
    // The arithmetic is in float32 whatever `dtype` says; without `out_dtype` it also names the output's type.
    let working = top["dtype"].flatMap { elementType($0, key: "dtype") }
    let output = top["out_dtype"].flatMap { elementType($0, key: "out_dtype") }
    var configuration = MergeConfiguration(
      method: method, methodPosition: position(methodNode),
      base: top["base_model"].flatMap { model($0, key: "base_model") },
      modules: modules(root, top), parameters: top["parameters"].map { settings($0) } ?? [],
      elementType: output ?? working, seed: top["random_seed"].map { seed($0) } ?? 0, yaml: text)
    configuration.name = top["name"].flatMap { string($0, key: "name") }
    configuration.tokenizer = tokenizer(root, top)
    configuration.chatTemplate = top["chat_template"].flatMap { node in
      string(node, key: "chat_template").map { .init($0, position: position(node)) }
    }
    return configuration
  }

  private mutating func seed(_ node: Node) -> UInt64 {
    guard let seed = node.int else {
      report(
        .wrongValue(key: "random_seed", found: kind(node), expected: "a whole number"), node)
      return 0
    }
    return UInt64(bitPattern: Int64(seed))
  }

  /// What is merged: `models`, `slices` or `modules`, and one of them only.
  private mutating func modules(_ root: Node, _ top: [String: Node]) -> [MergeConfiguration.Module]
  {
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

  mutating func report(_ kind: ConfigurationFault.Kind, _ node: Node?) {
    faults.append(ConfigurationFault(kind, at: node.flatMap { position($0) }))
  }
}
