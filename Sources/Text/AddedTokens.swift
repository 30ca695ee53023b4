/// A token that is found in text before anything else looks at it.
struct AddedToken: Sendable, Equatable {
  var content: String
  var id: TokenID
  /// Control tokens are recognised in trusted text only.
  var isSpecial: Bool
  var isNormalized = false
  var stripsLeft = false
  var stripsRight = false
  var isSingleWord = false
}

/// Finds added tokens, leftmost first, then longest.
///
/// A trie, so that no vocabulary is a slow pattern.
struct AddedTokenFinder: Sendable {
  private let tokens: [AddedToken]
  /// Child by (node × 256 + byte); node 0 is the root.
  private var children: [UInt64: Int32] = [:]
  /// By node: an index into `tokens`, or -1.
  private var ends: [Int32] = [-1]
  private var beginsToken = [Bool](repeating: false, count: 256)

  var isEmpty: Bool { tokens.isEmpty }

  init(_ tokens: [AddedToken]) {
    self.tokens = tokens
    for (index, token) in tokens.enumerated() where !token.content.isEmpty {
      var node = 0
      for (offset, byte) in token.content.utf8.enumerated() {
        if offset == 0 { beginsToken[Int(byte)] = true }
        let key = UInt64(node) << 8 | UInt64(byte)
        if let child = children[key] {
          node = Int(child)
        } else {
          node = ends.count
          children[key] = Int32(node)
          ends.append(-1)
        }
      }
      ends[node] = Int32(index)
    }
  }

  /// Calls `text` for what lies between tokens (never empty) and `found` for tokens, in order.
  ///
  /// `isTrusted` says whether a special token may be recognised at these bytes.
  func cut(
    _ bytes: [UInt8], isTrusted: (_ start: Int, _ end: Int) -> Bool,
    text: (_ range: Range<Int>) -> Void, found: (_ token: AddedToken) -> Void
  ) {
    var covered = 0
    var index = 0
    while index < bytes.count {
      guard beginsToken[Int(bytes[index])],
        let (token, length) = longest(bytes, at: index, isTrusted: isTrusted)
      else {
        index += 1
        continue
      }
      var (start, end) = (index, index + length)
      if token.stripsLeft {
        while start > covered {
          let before = UTF8Text.scalar(bytes, before: start)
          if !before.scalar.properties.isWhitespace { break }
          start = before.start
        }
      }
      if token.stripsRight {
        while end < bytes.count {
          let after = UTF8Text.scalar(bytes, at: end)
          if !after.scalar.properties.isWhitespace { break }
          end = after.end
        }
      }
      if start > covered { text(covered..<start) }
      found(token)
      covered = end
      index = end
    }
    if covered < bytes.count { text(covered..<bytes.count) }
  }

  private func longest(
    _ bytes: [UInt8], at start: Int, isTrusted: (_ start: Int, _ end: Int) -> Bool
  ) -> (AddedToken, Int)? {
    var node = 0
    var best: (AddedToken, Int)?
    for index in start..<bytes.count {
      guard let child = children[UInt64(node) << 8 | UInt64(bytes[index])] else { break }
      node = Int(child)
      if ends[node] < 0 { continue }
      let token = tokens[Int(ends[node])]
      if token.isSpecial && !isTrusted(start, index + 1) { continue }
      if token.isSingleWord && !isAlone(bytes, start, index + 1) { continue }
      best = (token, index + 1 - start)
    }
    return best
  }

  /// Whether no letter, digit or underscore touches the range.
  private func isAlone(_ bytes: [UInt8], _ start: Int, _ end: Int) -> Bool {
    func isWord(_ scalar: Unicode.Scalar) -> Bool {
      scalar == "_" || scalar.properties.isAlphabetic || scalar.properties.numericType != nil
    }
    if start > 0 && isWord(UTF8Text.scalar(bytes, before: start).scalar) { return false }
    return end >= bytes.count || !isWord(UTF8Text.scalar(bytes, at: end).scalar)
  }
}
