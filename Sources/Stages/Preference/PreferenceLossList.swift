/// `loss_type`: one loss, or a list of them.
public struct PreferenceLossList: Codable, Sendable, Equatable, ExpressibleByStringLiteral {
  public var names: [String]

  public init(_ names: [String]) {
    self.names = names
  }

  public init(stringLiteral name: String) {
    self.init([name])
  }

  public init(from decoder: any Decoder) throws {
    if let name = try? decoder.singleValueContainer().decode(String.self) {
      names = [name]
    } else {
      names = try [String](from: decoder)
    }
  }

  /// A single loss is written as a word, as people write it.
  public func encode(to encoder: any Encoder) throws {
    guard names.count == 1, let name = names.first else { return try names.encode(to: encoder) }
    var container = encoder.singleValueContainer()
    try container.encode(name)
  }
}
