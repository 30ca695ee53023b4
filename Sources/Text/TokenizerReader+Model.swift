import JSON
import OrderedCollections

extension TokenizerReader {
  static func model(
    _ json: JSON, isByteLevel: Bool
  ) throws -> (TokenizerParts.Model, unreachable: [TokenID: String]) {
    // Files of before tokenizers 0.13 leave the type out.
    let type = json["type"]?.string ?? (json["merges"] == nil ? "nothing" : "BPE")
    guard type == "BPE" || type == "WordLevel" else {
      throw TokenizerError.unsupported(place: "model", name: type, known: ["BPE", "WordLevel"])
    }
    let (table, unreachable) = try vocabulary(json["vocab"]?.object, isByteLevel: isByteLevel)
    let unknown = try unknownToken(json, table)
    if type == "WordLevel" { return (.wordLevel(table, unknown: unknown), unreachable) }
    for key in ["continuing_subword_prefix", "end_of_word_suffix"] {
      if let value = json[key]?.string, !value.isEmpty {
        throw TokenizerError.unsupported(place: "model.\(key)", name: value, known: ["null"])
      }
    }
    if let dropout = json["dropout"]?.double, dropout > 0 {
      throw TokenizerError.unsupported(place: "model.dropout", name: "\(dropout)", known: ["null"])
    }
    let model = BytePairModel(
      tokens: table,
      pairs: try merges(list(json, "merges", "model"), table, isByteLevel: isByteLevel),
      mergesByJoinedBytes: false,
      units: units(json, table, unknown: unknown, isByteLevel: isByteLevel),
      takesWholeWords: json["ignore_merges"]?.bool ?? false)
    return (.bytePair(model), unreachable)
  }

  private static func vocabulary(
    _ entries: OrderedDictionary<String, JSON>?, isByteLevel: Bool
  ) throws -> (ByteTable, unreachable: [TokenID: String]) {
    guard let entries else {
      throw TokenizerError.malformed(
        place: "model.vocab", found: "no object", expected: "an object of ids by token")
    }
    var table = ByteTable(minimumCapacity: entries.count)
    var unreachable: [TokenID: String] = [:]
    var bytes: [UInt8] = []
    for (token, value) in entries {
      let id = try identifier(value, "model.vocab[\"\(token)\"]")
      bytes.removeAll(keepingCapacity: true)
      if isByteLevel {
        guard ByteAlphabet.append(token.utf8, to: &bytes) else {
          table.reserve(id: id)
          unreachable[id] = token
          continue
        }
      } else {
        bytes.append(contentsOf: token.utf8)
      }
      guard table.insert(bytes, id: id) else {
        throw TokenizerError.malformed(
          place: "model.vocab[\"\(token)\"]", found: "the id \(id) a second time",
          expected: "one token by id")
      }
    }
    return (table, unreachable)
  }

  private static func unknownToken(_ json: JSON, _ table: ByteTable) throws -> TokenID? {
    guard let name = json["unk_token"]?.string else { return nil }
    guard let id = table.find(Array(name.utf8)) else {
      throw TokenizerError.unknownToken(role: "model.unk_token", token: name)
    }
    return id
  }

  private static func units(
    _ json: JSON, _ table: ByteTable, unknown: TokenID?, isByteLevel: Bool
  ) -> BytePairModel.Units {
    if isByteLevel { return .bytes((0...255).map { table.find([UInt8($0)]) ?? unknown ?? -1 }) }
    var fallback: [TokenID]?
    if json["byte_fallback"]?.bool ?? false {
      let named = (0...255).compactMap { table.find(TokenDecoder.name(of: UInt8($0))) }
      if named.count == 256 { fallback = named }
    }
    return .scalars(
      fallback: fallback, unknown: unknown, fusesUnknown: json["fuse_unk"]?.bool ?? false)
  }

  private static func merges(
    _ rules: [JSON], _ table: ByteTable, isByteLevel: Bool
  ) throws -> PairTable {
    var pairs = PairTable(capacity: rules.count)
    var joined: [UInt8] = []
    func append(_ text: some Sequence<UInt8>) -> Bool {
      if isByteLevel { return ByteAlphabet.append(text, to: &joined) }
      joined.append(contentsOf: text)
      return true
    }
    for (rank, rule) in rules.enumerated() {
      joined.removeAll(keepingCapacity: true)
      var middle = 0
      var isWellFormed = false
      switch rule {
      case .string(let text):
        let units = text.utf8
        if let space = units.firstIndex(of: 0x20) {
          isWellFormed = append(units[..<space])
          middle = joined.count
          isWellFormed = isWellFormed && append(units[units.index(after: space)...])
        }
      case .array(let sides) where sides.count == 2:
        if let left = sides[0].string, let right = sides[1].string {
          isWellFormed = append(left.utf8)
          middle = joined.count
          isWellFormed = isWellFormed && append(right.utf8)
        }
      default: break
      }
      guard isWellFormed, let left = table.find(joined, 0, middle),
        let right = table.find(joined, middle, joined.count), let merged = table.find(joined)
      else {
        throw TokenizerError.malformed(
          place: "model.merges[\(rank)]", found: rule.serialized(),
          expected: "two tokens that join to a token of the vocabulary")
      }
      pairs.insert(left, right, rank: rank, merged: merged)
    }
    return pairs
  }
}
