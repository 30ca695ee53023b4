import JSON

extension TokenizerReader {
  /// The tokens that the post-processor puts before a text.
  static func prefix(_ json: JSON?, _ place: String, _ parts: TokenizerParts) throws -> [TokenID] {
    guard let json, json != .null else { return [] }
    switch try type(json, place) {
    case "ByteLevel": return []
    case "Sequence":
      return try list(json, "processors", place).enumerated().flatMap {
        try prefix($1, "\(place).processors[\($0)]", parts)
      }
    case "TemplateProcessing":
      var ids: [TokenID] = []
      for item in try list(json, "single", place) {
        guard let name = item["SpecialToken"]?["id"]?.string else { break }
        if let listed = json["special_tokens"]?[name]?["ids"]?.array {
          for id in listed { ids.append(try identifier(id, "\(place).special_tokens.\(name)")) }
        } else if let id = parts.id(of: name) {
          ids.append(id)
        } else {
          throw TokenizerError.unknownToken(role: "\(place).single", token: name)
        }
      }
      return ids
    case let name:
      throw TokenizerError.unsupported(
        place: place, name: name, known: ["TemplateProcessing", "ByteLevel", "Sequence"])
    }
  }

  static func decoder(_ json: JSON?, isByteLevel: Bool) throws -> TokenDecoder {
    var decoder = TokenDecoder()
    guard let json, json != .null else {
      decoder.separator = [0x20]
      return decoder
    }
    var isFused = false
    try append(json, "decoder", isByteLevel, &isFused, to: &decoder)
    return decoder
  }

  private static func append(
    _ json: JSON, _ place: String, _ isByteLevel: Bool, _ isFused: inout Bool,
    to decoder: inout TokenDecoder
  ) throws {
    let type = try type(json, place)
    switch type {
    case "Sequence":
      for (index, step) in try list(json, "decoders", place).enumerated() {
        try append(step, "\(place).decoders[\(index)]", isByteLevel, &isFused, to: &decoder)
      }
    case "ByteLevel" where isByteLevel: break
    case "Fuse": isFused = true
    case "Strip":
      guard json["stop"]?.int ?? 0 == 0, try text(json, "content", place) == " " else {
        throw TokenizerError.unsupported(
          place: place, name: json.serialized(), known: ["Strip of leading spaces"])
      }
      let count = max(0, json["start"]?.int ?? 0)
      if isFused {
        decoder.spacesOffFront += count
      } else {
        decoder.steps.append(.stripFront(byte: 0x20, count: count))
      }
    case "ByteFallback" where !isFused: decoder.steps.append(.byteFallback)
    case "Replace" where !isFused:
      let found = try text(json["pattern"] ?? .null, "String", "\(place).pattern")
      let content = try text(json, "content", place)
      decoder.steps.append(.replace(found: Array(found.utf8), replacement: Array(content.utf8)))
    case "Metaspace" where !isFused:
      let dropsFirst =
        json["prepend_scheme"]?.string.map { $0 != "never" } ?? json["add_prefix_space"]?.bool
        ?? true
      decoder.steps.append(
        .metaspace(
          replacement: Array((json["replacement"]?.string ?? "▁").utf8), dropsFirst: dropsFirst))
    default:
      throw TokenizerError.unsupported(
        place: place, name: type,
        known: ["ByteLevel", "ByteFallback", "Fuse", "Metaspace", "Replace", "Strip", "Sequence"])
    }
  }
}
