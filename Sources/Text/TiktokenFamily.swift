public import JSON

/// Models whose vocabulary is a tiktoken file: ranks in the file, everything else in their code.
public enum TiktokenFamily: String, Sendable, CaseIterable {
  /// 360Zhinao: `360.tiktoken`.
  case zhinao
  /// Qwen: `qwen.tiktoken`.
  case qwen

  /// Both use the same words: contractions, letters with one leading mark, single digits, marks, spaces.
  static let pattern =
    #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"#
    + #"|\s*[\r\n]+|\s+(?!\S)|\s+"#

  /// Control tokens, in the order of their ids, which follow the ranks of the file.
  var specials: [String] {
    switch self {
    case .zhinao:
      [
        "<pad>", "<unk>", "<mask>", "<eod>", "<eop>", "[space2]", "[space3]", "[space4]",
        "[space8]",
        "<|im_start|>", "<|im_end|>",
      ]
    case .qwen:
      ["<|endoftext|>", "<|im_start|>", "<|im_end|>"] + (0..<205).map { "<|extra_\($0)|>" }
    }
  }

  /// Tokens that stand for a run of spaces, in text of any writer.
  var spaces: [(name: String, count: Int)] {
    self == .zhinao ? [("[space2]", 2), ("[space3]", 3), ("[space4]", 4), ("[space8]", 8)] : []
  }

  var normalizers: [Normalizer] {
    switch self {
    case .zhinao:
      ["[br]", "<br>"].map { .replaceText(found: Array($0.utf8), replacement: [0x0A]) }
    case .qwen: [.canonicalComposition]
    }
  }

  /// End and padding where tokenizer_config.json names none.
  var defaults: (end: String, padding: String) {
    self == .zhinao ? ("<eod>", "<pad>") : ("<|endoftext|>", "<|endoftext|>")
  }

  /// The family that a tokenizer class or a file name tells.
  init(file: String, configuration: JSON?) throws {
    switch configuration?["tokenizer_class"]?.string {
    case "ZhinaoTokenizer": self = .zhinao
    case "QWenTokenizer", "Qwen2Tokenizer", "Qwen2TokenizerFast": self = .qwen
    default:
      if file.hasSuffix("/360.tiktoken") {
        self = .zhinao
      } else if file.hasSuffix("/qwen.tiktoken") {
        self = .qwen
      } else {
        throw TokenizerError.unsupported(
          place: file, name: configuration?["tokenizer_class"]?.string ?? "no tokenizer_class",
          known: ["ZhinaoTokenizer", "QWenTokenizer"])
      }
    }
  }
}

extension Tokenizer {
  /// Reads a tiktoken file.
  public init(tiktoken path: String, family: TiktokenFamily) throws {
    guard let bytes = try TokenizerFile.read(path) else {
      throw TokenizerError.unreadable(path: path, reason: "there is no such file")
    }
    try self.init(tiktoken: bytes, family: family)
  }

  /// Reads the lines of a tiktoken file: base64 bytes, a space, a rank.
  ///
  /// Two defects of Zhinao's own code are not repeated: there, finetuning turns special-token strings of
  /// user content into control tokens, and chat spells runs of spaces as the text "[space2]". Here neither
  /// happens in either path, and decoding turns the space tokens, not the text "[space2]", into spaces.
  public init(
    tiktoken bytes: [UInt8], family: TiktokenFamily, configuration: JSON? = nil
  ) throws {
    let table = try TiktokenLines.table(bytes)
    let singles = (0...255).map { table.find([UInt8($0)]) ?? -1 }
    let ranks = TokenID(table.idCount)
    var parts = TokenizerParts(
      model: .bytePair(
        BytePairModel(
          tokens: table, pairs: PairTable(capacity: 0), mergesByJoinedBytes: true,
          units: .bytes(singles), takesWholeWords: true)),
      isByteLevel: true)
    parts.isTiktoken = true
    parts.normalizers = family.normalizers
    parts.preTokenizers = [
      .split(.pattern(try Pattern(TiktokenFamily.pattern)), .isolated, invert: false)
    ]
    var added: [AddedToken] = []
    var runs: [AddedToken] = []
    for (offset, name) in family.specials.enumerated() {
      let id = ranks + TokenID(offset)
      if let run = family.spaces.first(where: { $0.name == name }) {
        let spaces = String(repeating: " ", count: run.count)
        runs.append(AddedToken(content: spaces, id: id, isSpecial: false, isNormalized: true))
        parts.writtenAs[id] = Array(spaces.utf8)
        parts.unreachable[id] = name
      } else {
        added.append(AddedToken(content: name, id: id, isSpecial: true))
      }
    }
    parts.vocabularySize = Int(ranks) + family.specials.count
    parts.addedByName = Dictionary(uniqueKeysWithValues: parts.unreachable.map { ($1, $0) })
    try parts.add(added, configuration: configuration)
    parts.normalizedFinder = AddedTokenFinder(runs)
    try parts.readRoles(configuration)
    parts.end = parts.end ?? parts.id(of: family.defaults.end)
    parts.padding = parts.padding ?? parts.id(of: family.defaults.padding)
    self.init(parts: parts)
  }
}

/// Reads lines of "base64 rank".
enum TiktokenLines {
  static func table(_ bytes: [UInt8]) throws -> ByteTable {
    var table = ByteTable(minimumCapacity: bytes.count / 14)
    var token: [UInt8] = []
    var position = 0
    var line = 1
    while position < bytes.count {
      let start = position
      while position < bytes.count && bytes[position] != 0x0A { position += 1 }
      let end = position
      position += 1
      defer { line += 1 }
      if start == end { continue }
      token.removeAll(keepingCapacity: true)
      guard let rank = parse(bytes, start, end, into: &token), table.insert(token, id: rank) else {
        throw TokenizerError.badRankLine(
          line: line, found: String(decoding: bytes[start..<min(end, start + 60)], as: UTF8.self))
      }
    }
    return table
  }

  private static let values: [Int8] = {
    var result = [Int8](repeating: -1, count: 256)
    let digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    for (value, digit) in digits.utf8.enumerated() { result[Int(digit)] = Int8(value) }
    return result
  }()

  private static func parse(
    _ bytes: [UInt8], _ start: Int, _ end: Int, into token: inout [UInt8]
  ) -> TokenID? {
    let table = values
    var index = start
    var (buffer, bits): (UInt32, Int) = (0, 0)
    while index < end && bytes[index] != 0x20 && bytes[index] != UInt8(ascii: "=") {
      guard table[Int(bytes[index])] >= 0 else { return nil }
      buffer = buffer << 6 | UInt32(table[Int(bytes[index])])
      bits += 6
      if bits >= 8 {
        bits -= 8
        token.append(UInt8(truncatingIfNeeded: buffer >> UInt32(bits)))
      }
      index += 1
    }
    while index < end && bytes[index] == UInt8(ascii: "=") { index += 1 }
    guard !token.isEmpty, index < end, bytes[index] == 0x20 else { return nil }
    index += 1
    var rank: Int32 = 0
    guard index < end else { return nil }
    for byte in bytes[index..<end] where byte != 0x0D {
      guard (0x30...0x39).contains(byte), rank < 1 << 22 else { return nil }
      rank = rank * 10 + Int32(byte - 0x30)
    }
    return rank < 1 << 22 ? rank : nil
  }
}
