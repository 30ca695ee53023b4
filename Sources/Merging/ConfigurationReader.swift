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
    let own = documents.flatMap { $0.faults() }
    let faults = reader.faults + own.filter { reader.faults.isEmpty || $0.kind.standsAlone }
    guard faults.isEmpty else {
      let sorted = faults.sorted {
        ($0.position?.line ?? 0, $0.position?.column ?? 0)
          < ($1.position?.line ?? 0, $1.position?.column ?? 0)
      }
      throw .configuration(file: file, sorted)
    }
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

  mutating func report(_ kind: ConfigurationFault.Kind, _ node: Node?) {
    faults.append(ConfigurationFault(kind, at: node.flatMap { position($0) }))
  }
}
