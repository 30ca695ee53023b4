import JSON
import OrderedCollections

extension TokenizerParts {
  /// Takes over the added tokens of the tokenizer and those that only tokenizer_config.json lists.
  mutating func add(_ tokens: [AddedToken], configuration: JSON?) throws {
    var all = tokens
    var known = Set(tokens.map(\.id))
    for (key, value) in configuration?["added_tokens_decoder"]?.object ?? [:] {
      guard let id = TokenID(key), id >= 0, id < TokenizerReader.idLimit else {
        throw TokenizerError.malformed(
          place: "added_tokens_decoder", found: "the key \"\(key)\"", expected: "a token id")
      }
      if known.insert(id).inserted, addedByName[value["content"]?.string ?? ""] == nil {
        all.append(
          try TokenizerReader.addedToken(value, id: id, place: "added_tokens_decoder.\(key)"))
      }
    }
    for token in all {
      addedByID[token.id] = token
      addedByName[token.content] = token.id
      vocabularySize = max(vocabularySize, Int(token.id) + 1)
    }
    specialIDs = all.filter(\.isSpecial).map(\.id).sorted()
    // Special tokens are always looked for in the raw text: there the template and the user can still
    // be told apart. Without a normaliser the two texts are the same anyway.
    let isEarly = { (token: AddedToken) in token.isSpecial || !token.isNormalized }
    rawFinder = AddedTokenFinder(all.filter(isEarly))
    normalizedFinder = AddedTokenFinder(
      all.filter { !isEarly($0) }.map { token in
        var normalized = token
        let bytes = normalizers.filter { if case .prepend = $0 { false } else { true } }
          .reduce(Array(token.content.utf8)) { $1.apply($0) }
        normalized.content = String(decoding: bytes, as: UTF8.self)
        return normalized
      })
  }

  /// Beginning, end and padding, by the names that tokenizer_config.json gives them.
  mutating func readRoles(_ configuration: JSON?) throws {
    func role(_ key: String) throws -> TokenID? {
      guard let value = configuration?[key], value != .null else { return nil }
      guard let name = value.string ?? value["content"]?.string else {
        throw TokenizerError.malformed(
          place: "tokenizer_config.json: \(key)", found: value.kind, expected: "a token")
      }
      guard let id = id(of: name) else {
        throw TokenizerError.unknownToken(role: "tokenizer_config.json: \(key)", token: name)
      }
      return id
    }
    beginning = try role("bos_token")
    end = try role("eos_token")
    padding = try role("pad_token")
    addsBeginning = configuration?["add_bos_token"]?.bool ?? !prefix.isEmpty
    if prefix.isEmpty, let beginning { prefix = [beginning] }
    addsBeginning = addsBeginning && !prefix.isEmpty
  }
}
