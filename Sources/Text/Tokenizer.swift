/// The number of a token in a vocabulary.
public typealias TokenID = Int32

/// Text to token ids and back.
///
/// Immutable: a copy is one reference, and threads may share it. It has no cache, so neither its speed
/// nor its result depends on what was encoded before.
public struct Tokenizer: Sendable {
  /// What the characters of a special token mean.
  public enum Specials: Sendable {
    /// Text like any other: the right choice for whatever a person wrote.
    case asText
    /// The token.
    case recognised
  }

  private final class Shared: Sendable {
    let parts: TokenizerParts
    init(_ parts: TokenizerParts) { self.parts = parts }
  }

  private let shared: Shared

  init(parts: TokenizerParts) { shared = Shared(parts) }

  var parts: TokenizerParts { shared.parts }

  /// One more than the largest id, which is how many rows an embedding needs at least.
  public var vocabularySize: Int { parts.vocabularySize }
  public var beginning: TokenID? { parts.beginning }
  public var end: TokenID? { parts.end }
  public var padding: TokenID? { parts.padding }
  /// Whether a plain text begins with the beginning token (its post-processor, or add_bos_token).
  public var addsBeginning: Bool { parts.addsBeginning }
  /// Control tokens, ascending.
  public var specialIDs: [TokenID] { parts.specialIDs }

  public func isSpecial(_ id: TokenID) -> Bool { parts.addedByID[id]?.isSpecial ?? false }

  /// Whether the vocabulary came from a tiktoken file.
  var isTiktoken: Bool { parts.isTiktoken }

  /// The id of a token as the vocabulary writes it: "Ġthe", "<|im_end|>".
  public func id(of token: String) -> TokenID? { parts.id(of: token) }

  /// A token as the vocabulary writes it.
  public func token(_ id: TokenID) -> String? { parts.token(id) }

  /// The ids of a text.
  public func encode(
    _ text: String, specials: Specials = .asText, addingBeginning: Bool = false
  ) -> [TokenID] {
    var ids: [TokenID] = addingBeginning ? parts.prefix : []
    switch specials {
    case .asText: parts.encode(Array(text.utf8), isTrusted: { _, _ in false }, into: &ids)
    case .recognised: parts.encode(Array(text.utf8), isTrusted: { _, _ in true }, into: &ids)
    }
    return ids
  }

  /// The ids of a tagged text, with special tokens recognised in trusted pieces only.
  ///
  /// Ordinary text is cut into words across the borders of pieces as one text. Nothing is added.
  public func encode(_ text: TaggedText) -> [TokenID] {
    var bytes: [UInt8] = []
    var trusted: [Range<Int>] = []
    for piece in text.pieces {
      let start = bytes.count
      bytes.append(contentsOf: piece.text.utf8)
      if !piece.isTrusted || start == bytes.count { continue }
      if let last = trusted.last, last.upperBound == start {
        trusted[trusted.count - 1] = last.lowerBound..<bytes.count
      } else {
        trusted.append(start..<bytes.count)
      }
    }
    var ids: [TokenID] = []
    parts.encode(bytes, isTrusted: { Self.isInside($0, $1, trusted) }, into: &ids)
    return ids
  }

  /// Whether one of the ascending ranges holds `start..<end`.
  private static func isInside(_ start: Int, _ end: Int, _ ranges: [Range<Int>]) -> Bool {
    var (low, high) = (0, ranges.count)
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].upperBound <= start { low = middle + 1 } else { high = middle }
    }
    return low < ranges.count && ranges[low].lowerBound <= start && end <= ranges[low].upperBound
  }

  /// The text of ids.
  ///
  /// Bytes that are no UTF-8 become U+FFFD; ids outside the vocabulary are left out. Spaces are never
  /// "cleaned up", whatever tokenizer_config.json says: that loses text.
  public func decode(_ ids: some Sequence<TokenID>, skippingSpecials: Bool = false) -> String {
    var decoder = streamingDecoder(skippingSpecials: skippingSpecials)
    for id in ids { decoder.append(id) }
    return decoder.finish()
  }

  /// A decoder for tokens that come one at a time.
  public func streamingDecoder(skippingSpecials: Bool = false) -> StreamingDecoder {
    StreamingDecoder(tokenizer: self, skipsSpecials: skippingSpecials)
  }
}
