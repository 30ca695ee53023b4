import JSON

/// A setting of any shape, kept as it was written: numbers and words as texts.
public enum FreeSetting: Codable, Sendable, Equatable {
  case text(String)
  case list([FreeSetting])
  case table([String: FreeSetting])

  public init(from decoder: any Decoder) throws {
    if let text = try? decoder.singleValueContainer().decode(String.self) {
      self = .text(text)
    } else if let list = try? [FreeSetting](from: decoder) {
      self = .list(list)
    } else {
      self = .table(try [String: FreeSetting](from: decoder))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .text(let text):
      var container = encoder.singleValueContainer()
      try container.encode(text)
    case .list(let list): try list.encode(to: encoder)
    case .table(let table): try table.encode(to: encoder)
    }
  }

  /// As YAML in one line: words that YAML reads as what they are stay plain, all others are quoted.
  var yaml: String {
    switch self {
    case .text(let text):
      let isPlain = Double(text) != nil || ["true", "false", "null"].contains(text)
      return isPlain ? text : JSON.string(text).serialized(.compact)
    case .list(let list): return "[\(list.map(\.yaml).joined(separator: ", "))]"
    case .table(let table):
      let members = table.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      return "{"
        + members.map { "\(JSON.string($0.key).serialized(.compact)): \($0.value.yaml)" }
        .joined(separator: ", ") + "}"
    }
  }
}
