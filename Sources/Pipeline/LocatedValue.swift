public import JSON

/// Where a value was written.
public enum Origin: Sendable, Equatable {
  /// In the recipe file, both counted from one.
  case file(line: Int, column: Int)
  /// On the command line, as it was typed: `stages.dpo.with.beta=0.3`.
  case option(String)
  /// By the program itself: a default, or a composite stage's expansion.
  case program
}

/// A value as a person wrote it: text that no schema has looked at yet, with its place.
///
/// Scalars stay text until a setting's type says what they are, so that `no` can be a word and
/// `1_000` is not quietly a thousand.
public struct LocatedValue: Sendable, Equatable {
  public enum Content: Sendable, Equatable {
    /// `isPlain` is false for what stood in quotes: that is text, whatever it looks like.
    case scalar(text: String, isPlain: Bool)
    case list([LocatedValue])
    case mapping([Member])
  }

  public struct Member: Sendable, Equatable {
    public var key: String
    public var keyOrigin: Origin
    public var value: LocatedValue

    public init(key: String, keyOrigin: Origin, value: LocatedValue) {
      self.key = key
      self.keyOrigin = keyOrigin
      self.value = value
    }
  }

  public var content: Content
  public var origin: Origin

  public init(_ content: Content, origin: Origin) {
    self.content = content
    self.origin = origin
  }

  /// No settings at all.
  public static let empty = LocatedValue(.mapping([]), origin: .program)

  /// A value that the program wrote.
  public init(_ value: JSON, origin: Origin = .program) {
    self.origin = origin
    switch value {
    case .null: content = .scalar(text: "null", isPlain: true)
    case .string(let text): content = .scalar(text: text, isPlain: false)
    case .bool, .integer, .number:
      content = .scalar(text: value.serialized(.compact), isPlain: true)
    case .array(let elements):
      content = .list(elements.map { LocatedValue($0, origin: origin) })
    case .object(let members):
      content = .mapping(
        members.map {
          Member(key: $0.key, keyOrigin: origin, value: LocatedValue($0.value, origin: origin))
        })
    }
  }

  public var members: [Member]? {
    if case .mapping(let members) = content { members } else { nil }
  }

  public var elements: [LocatedValue]? {
    if case .list(let elements) = content { elements } else { nil }
  }

  public func member(_ key: String) -> Member? { members?.first { $0.key == key } }

  public var isNull: Bool {
    guard case .scalar(let text, isPlain: true) = content else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(text)
  }

  /// What was found, for messages.
  public var found: String {
    switch content {
    case .scalar(let text, _) where isNull: text.isEmpty ? "nothing" : "`\(text)`"
    case .scalar(let text, isPlain: true): "`\(text)`"
    case .scalar(let text, isPlain: false): "the text \"\(text)\""
    case .list: "a list"
    case .mapping: "a mapping"
    }
  }
}
