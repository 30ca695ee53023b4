/// What a tokenizer is made of, whichever file it came from.
struct TokenizerParts: Sendable {
  enum Model: Sendable {
    case bytePair(BytePairModel)
    /// A word is a token or it is unknown.
    case wordLevel(ByteTable, unknown: TokenID?)
  }

  var model: Model
  /// Whether the vocabulary writes bytes in GPT-2's alphabet.
  var isByteLevel: Bool
  var isTiktoken = false
  var normalizers: [Normalizer] = []
  var preTokenizers: [PreTokenizer] = []
  var decoder = TokenDecoder()
  /// Found in the text as it is.
  var rawFinder = AddedTokenFinder([])
  /// Found in normalised text.
  var normalizedFinder = AddedTokenFinder([])
  var addedByID: [TokenID: AddedToken] = [:]
  var addedByName: [String: TokenID] = [:]
  /// Names of vocabulary entries that no text produces, such as byte-level tokens outside the alphabet.
  var unreachable: [TokenID: String] = [:]
  /// Text of tokens that decode to something other than their name (Zhinao's runs of spaces).
  var writtenAs: [TokenID: [UInt8]] = [:]
  var vocabularySize = 0
  var beginning: TokenID?
  var end: TokenID?
  var padding: TokenID?
  /// What a text begins with when the beginning is asked for.
  var prefix: [TokenID] = []
  var addsBeginning = false
  var specialIDs: [TokenID] = []

  var table: ByteTable {
    switch model {
    case .bytePair(let model): model.tokens
    case .wordLevel(let table, _): table
    }
  }

  func id(of token: String) -> TokenID? {
    if let id = addedByName[token] { return id }
    guard isByteLevel else { return table.find(Array(token.utf8)) }
    var bytes: [UInt8] = []
    if ByteAlphabet.append(token.utf8, to: &bytes) { return table.find(bytes) }
    return unreachable.first { $0.value == token }?.key
  }

  func token(_ id: TokenID) -> String? {
    if let added = addedByID[id] { return added.content }
    if let name = unreachable[id] { return name }
    guard let bytes = table.bytes(of: id) else { return nil }
    return isByteLevel ? ByteAlphabet.text(bytes) : String(decoding: bytes, as: UTF8.self)
  }

  /// The bytes that a token adds to a text; nil for one that is unknown or skipped.
  func bytes(of id: TokenID, isFirst: Bool, skipsSpecials: Bool) -> [UInt8]? {
    if let written = writtenAs[id] { return written }
    if let added = addedByID[id] {
      if added.isSpecial && skipsSpecials { return nil }
      return decoder.bytes(added.content.utf8, isFirst: isFirst)
    }
    if let name = unreachable[id] { return decoder.bytes(name.utf8, isFirst: isFirst) }
    guard let bytes = table.bytes(of: id) else { return nil }
    return decoder.bytes(bytes, isFirst: isFirst)
  }

  func encode(
    _ bytes: [UInt8], isTrusted: (_ start: Int, _ end: Int) -> Bool, into ids: inout [TokenID]
  ) {
    var sections: [(text: [UInt8], token: TokenID, beginsText: Bool)] = []
    rawFinder.cut(bytes, isTrusted: isTrusted) { range in
      let whole = range.count == bytes.count
      let normalized = normalize(whole ? bytes : Array(bytes[range]))
      let begins = range.lowerBound == 0
      guard !normalizedFinder.isEmpty else {
        sections.append((normalized, -1, begins))
        return
      }
      normalizedFinder.cut(normalized, isTrusted: { _, _ in false }) { part in
        sections.append((Array(normalized[part]), -1, begins && part.lowerBound == 0))
      } found: {
        sections.append(([], $0.id, false))
      }
    } found: {
      sections.append(([], $0.id, false))
    }
    var work = Merging()
    for section in sections {
      if section.token >= 0 {
        ids.append(section.token)
      } else {
        encode(section.text, beginsText: section.beginsText, &work, into: &ids)
      }
    }
  }

  private func normalize(_ bytes: [UInt8]) -> [UInt8] {
    normalizers.reduce(bytes) { $1.apply($0) }
  }

  private func encode(
    _ bytes: [UInt8], beginsText: Bool, _ work: inout Merging, into ids: inout [TokenID]
  ) {
    var cut = CutText(bytes: bytes, pieces: [0..<bytes.count], beginsText: beginsText)
    for step in preTokenizers { step.apply(&cut) }
    switch model {
    case .bytePair(let model):
      for piece in cut.pieces where !piece.isEmpty {
        model.encode(cut.bytes, piece.lowerBound, piece.upperBound, &work, into: &ids)
      }
    case .wordLevel(let table, let unknown):
      for piece in cut.pieces where !piece.isEmpty {
        if let id = table.find(cut.bytes, piece.lowerBound, piece.upperBound) ?? unknown {
          ids.append(id)
        }
      }
    }
  }
}
