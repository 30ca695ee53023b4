public import JSON
import OrderedCollections

/// Reads the parts of tokenizer.json.
///
/// Whatever it does not know it refuses by name: a tokenizer that is
/// nearly right trains a model that is quietly wrong.
enum TokenizerReader {
  static let idLimit: TokenID = 1 << 22

  static func type(_ json: JSON, _ place: String) throws -> String {
    guard let type = json["type"]?.string else {
      throw TokenizerError.malformed(
        place: place, found: json.kind, expected: "an object with \"type\"")
    }
    return type
  }

  static func text(_ json: JSON, _ key: String, _ place: String) throws -> String {
    guard let text = json[key]?.string else {
      throw TokenizerError.malformed(
        place: "\(place).\(key)", found: json[key]?.kind ?? "nothing", expected: "a string")
    }
    return text
  }

  static func list(_ json: JSON, _ key: String, _ place: String) throws -> [JSON] {
    guard let list = json[key]?.array else {
      throw TokenizerError.malformed(
        place: "\(place).\(key)", found: json[key]?.kind ?? "nothing", expected: "a list")
    }
    return list
  }

  static func addedToken(_ json: JSON, id: TokenID, place: String) throws -> AddedToken {
    AddedToken(
      content: try text(json, "content", place), id: id, isSpecial: json["special"]?.bool ?? false,
      isNormalized: json["normalized"]?.bool ?? false, stripsLeft: json["lstrip"]?.bool ?? false,
      stripsRight: json["rstrip"]?.bool ?? false, isSingleWord: json["single_word"]?.bool ?? false)
  }

  static func addedTokens(_ json: JSON) throws -> [AddedToken] {
    guard let list = json["added_tokens"], list != .null else { return [] }
    return try (list.array ?? []).enumerated().map { index, token in
      let place = "added_tokens[\(index)]"
      return try addedToken(token, id: identifier(token["id"], "\(place).id"), place: place)
    }
  }

  static func identifier(_ json: JSON?, _ place: String) throws -> TokenID {
    guard let value = json?.int, value >= 0, value < Int(idLimit) else {
      throw TokenizerError.malformed(
        place: place, found: json.map { $0.serialized() } ?? "nothing",
        expected: "an id below \(idLimit)")
    }
    return TokenID(value)
  }
}

extension Tokenizer {
  /// Reads the content of tokenizer.json and, if given, of tokenizer_config.json.
  public init(json: JSON, configuration: JSON?) throws {
    let normalizers = try TokenizerReader.normalizers(json["normalizer"], "normalizer")
    let cuts = try TokenizerReader.preTokenizers(json["pre_tokenizer"], "pre_tokenizer")
    let (model, unreachable) = try TokenizerReader.model(
      json["model"] ?? .null, isByteLevel: cuts.isByteLevel)
    var parts = TokenizerParts(model: model, isByteLevel: cuts.isByteLevel)
    parts.normalizers = normalizers
    parts.preTokenizers = cuts.steps
    parts.unreachable = unreachable
    parts.decoder = try TokenizerReader.decoder(json["decoder"], isByteLevel: cuts.isByteLevel)
    parts.vocabularySize = parts.table.idCount
    try parts.add(TokenizerReader.addedTokens(json), configuration: configuration)
    parts.prefix = try TokenizerReader.prefix(json["post_processor"], "post_processor", parts)
    try parts.readRoles(configuration)
    self.init(parts: parts)
  }
}
