internal import Pipeline
internal import Yams

/// YAML as located text: no anchors, no tags, no guesses at types.
///
/// Yams is asked for nodes only. Its own types read `no` as false and `1_000` as a thousand, and a
/// few lines of aliases can stand for gigabytes; here a scalar is text and an alias is an error.
struct YAMLReading {
  static let sizeLimit = 1 << 20
  static let depthLimit = 64

  var problems: [RecipeDiagnostic] = []
  /// An anchor has been seen: what follows may be exponentially large and is not walked.
  private var isRefused = false

  mutating func read(_ text: String) -> LocatedValue? {
    guard text.utf8.count <= YAMLReading.sizeLimit else {
      fail("the recipe has \(text.utf8.count) bytes; at most \(YAMLReading.sizeLimit) are read")
      return nil
    }
    guard aliasCount(text) < 16 else {
      fail("anchors and aliases (&name, *name) are not read: write the values out")
      return nil
    }
    do {
      // The parser owns the anchors' names; without it they could not be seen.
      let parser = try Yams.Parser(yaml: text)
      return try withExtendedLifetime(parser) {
        guard let node = try parser.singleRoot() else {
          fail("the recipe is empty")
          return nil
        }
        return located(node, depth: 0)
      }
    } catch let error as YamlError {
      problems.append(diagnostic(for: error, in: text))
    } catch {
      fail("this is not YAML: \(error)")
    }
    return nil
  }

  /// What may be aliases: fewer than sixteen cannot stand for much, however they are nested.
  private func aliasCount(_ text: String) -> Int {
    var before = UInt8(ascii: "\n")
    var count = 0
    for byte in text.utf8 {
      if byte == UInt8(ascii: "*"), " \t\n\r[{,:-?".utf8.contains(before) { count += 1 }
      before = byte
    }
    return count
  }

  private mutating func fail(_ message: String, line: Int = 1, column: Int = 1) {
    problems.append(RecipeDiagnostic(message, at: .file(line: line, column: column)))
  }

  private func diagnostic(for error: YamlError, in text: String) -> RecipeDiagnostic {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      return RecipeDiagnostic(
        "this is not YAML: \(problem)", at: .file(line: mark.line, column: max(1, mark.column)))
    case .duplicatedKeysInMapping(let names, _):
      let name = names.first ?? ""
      let (line, column) = DuplicateKey(name, in: text).place
      return RecipeDiagnostic(
        "the key `\(name)` is here a second time", at: .file(line: line, column: column))
    default: return RecipeDiagnostic("this is not YAML: \(error)", at: .file(line: 1, column: 1))
    }
  }

  private mutating func located(_ node: Node, depth: Int) -> LocatedValue? {
    let mark = (line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
    let origin = Origin.file(line: mark.line, column: mark.column)
    guard depth <= YAMLReading.depthLimit else {
      fail("nested deeper than \(YAMLReading.depthLimit)", line: mark.line, column: mark.column)
      return nil
    }
    if node.anchor != nil || isTagged(node) {
      fail(
        node.anchor != nil
          ? "anchors and aliases (&name, *name) are not read: write the values out"
          : "tags (!name) are not read", line: mark.line, column: mark.column)
      isRefused = true
    }
    if isRefused { return nil }
    switch node {
    case .scalar(let scalar):
      let isPlain = scalar.style == .plain || scalar.style == .any
      return LocatedValue(.scalar(text: scalar.string, isPlain: isPlain), origin: origin)
    case .sequence(let sequence):
      let elements = sequence.compactMap { located($0, depth: depth + 1) }
      return LocatedValue(.list(elements), origin: origin)
    case .mapping(let mapping):
      return LocatedValue(.mapping(members(of: mapping, depth: depth)), origin: origin)
    case .alias:
      fail("aliases are not read", line: mark.line, column: mark.column)
      return nil
    }
  }

  private func isTagged(_ node: Node) -> Bool {
    switch node {
    case .scalar(let scalar):
      let isPlain = scalar.style == .plain || scalar.style == .any
      let name = scalar.tag.description
      return !(name == Tag.Name.implicit.rawValue || name == Tag.Name.nonSpecific.rawValue)
        && (isPlain || name != Tag.Name.str.rawValue)
    case .sequence(let sequence): return sequence.tag.description != Tag.Name.implicit.rawValue
    case .mapping(let mapping): return mapping.tag.description != Tag.Name.implicit.rawValue
    case .alias: return true
    }
  }

  private mutating func members(of mapping: Node.Mapping, depth: Int) -> [LocatedValue.Member] {
    var members: [LocatedValue.Member] = []
    for (key, value) in mapping {
      let mark = (line: key.mark?.line ?? 1, column: key.mark?.column ?? 1)
      guard case .scalar(let name) = key else {
        fail("a key has to be a word", line: mark.line, column: mark.column)
        continue
      }
      guard let value = located(value, depth: depth + 1) else { continue }
      members.append(
        LocatedValue.Member(
          key: name.string, keyOrigin: .file(line: mark.line, column: mark.column), value: value))
    }
    return members
  }
}
