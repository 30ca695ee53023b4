/// How tokens become text again.
struct TokenDecoder: Sendable {
  /// One rewriting of a token's text.
  enum Step: Sendable {
    /// `<0x0A>` is the byte 10.
    case byteFallback
    case replace(found: [UInt8], replacement: [UInt8])
    /// Takes up to `count` of `byte` off the front.
    case stripFront(byte: UInt8, count: Int)
    /// `replacement` is a space, or nothing in the first token when a prefix was written there.
    case metaspace(replacement: [UInt8], dropsFirst: Bool)
  }

  /// Applied to each token.
  var steps: [Step] = []
  /// Applied to the whole text, after its tokens have been joined: how many spaces go from the front.
  var spacesOffFront = 0
  /// Between tokens; a space when `tokenizer.json` has no decoder.
  var separator: [UInt8] = []

  /// The bytes of one token.
  func bytes(_ token: some Sequence<UInt8>, isFirst: Bool) -> [UInt8] {
    var result = Array(token)
    for step in steps {
      switch step {
      case .byteFallback: if let byte = Self.byte(named: result) { result = [byte] }
      case .replace(let found, let replacement):
        result = Normalizer.replacing(found, with: replacement, in: result)
      case .stripFront(let byte, let count):
        var dropped = 0
        while dropped < count && dropped < result.count && result[dropped] == byte { dropped += 1 }
        result.removeFirst(dropped)
      case .metaspace(let replacement, let dropsFirst):
        let space: [UInt8] = isFirst && dropsFirst ? [] : [0x20]
        result = Normalizer.replacing(replacement, with: space, in: result)
      }
    }
    return isFirst ? result : separator + result
  }

  private static func byte(named text: [UInt8]) -> UInt8? {
    guard text.count == 6, text.starts(with: Array("<0x".utf8)), text[5] == UInt8(ascii: ">") else {
      return nil
    }
    return UInt8(String(decoding: text[3..<5], as: UTF8.self), radix: 16)
  }

  /// The name of a byte in vocabularies with byte fallback.
  static func name(of byte: UInt8) -> [UInt8] {
    let digits = Array("0123456789ABCDEF".utf8)
    return Array("<0x".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)], UInt8(ascii: ">")]
  }
}

/// Turns tokens into text one at a time; the pieces joined are what `decode` gives for all of them.
///
/// A token may end in the middle of a character: those bytes wait for the next token.
public struct StreamingDecoder: Sendable {
  private let tokenizer: Tokenizer
  private let skipsSpecials: Bool
  private var waiting: [UInt8] = []
  private var isFirst = true
  private var spacesToDrop: Int

  init(tokenizer: Tokenizer, skipsSpecials: Bool) {
    self.tokenizer = tokenizer
    self.skipsSpecials = skipsSpecials
    spacesToDrop = tokenizer.parts.decoder.spacesOffFront
  }

  /// The text that this token completes; empty if it completes none.
  public mutating func push(_ id: TokenID) -> String {
    append(id)
    let ready = waiting.count - UTF8Text.incompleteTail(waiting)
    if ready == 0 { return "" }
    defer { waiting.removeFirst(ready) }
    return String(decoding: waiting[..<ready], as: UTF8.self)
  }

  /// What still waits: a character that never was completed becomes U+FFFD.
  public mutating func finish() -> String {
    defer { waiting = [] }
    return String(decoding: waiting, as: UTF8.self)
  }

  mutating func append(_ id: TokenID) {
    guard let bytes = tokenizer.parts.bytes(of: id, isFirst: isFirst, skipsSpecials: skipsSpecials)
    else { return }
    isFirst = false
    var dropped = 0
    while spacesToDrop > 0 && dropped < bytes.count {
      if bytes[dropped] != 0x20 {
        spacesToDrop = 0
        break
      }
      dropped += 1
      spacesToDrop -= 1
    }
    waiting.append(contentsOf: bytes[dropped...])
  }
}
