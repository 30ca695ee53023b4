/// Text whose pieces remember who wrote them.
///
/// A template writes control tokens; a user who types the same characters does not. Keeping the two apart
/// until the very end is what makes a control token in user content impossible.
public struct TaggedText: Sendable, Equatable {
  public struct Piece: Sendable, Equatable {
    public var text: String
    /// Whether special tokens are recognised here.
    public var isTrusted: Bool

    public init(text: String, isTrusted: Bool) {
      self.text = text
      self.isTrusted = isTrusted
    }
  }

  public var pieces: [Piece]

  public init(pieces: [Piece] = []) { self.pieces = pieces }

  /// Everything, in order.
  public var text: String { pieces.map(\.text).joined() }

  /// Adds text, joining it to the last piece if that has the same writer.
  public mutating func append(_ text: String, isTrusted: Bool) {
    if text.isEmpty { return }
    if let last = pieces.last, last.isTrusted == isTrusted {
      pieces[pieces.count - 1].text += text
    } else {
      pieces.append(Piece(text: text, isTrusted: isTrusted))
    }
  }
}
