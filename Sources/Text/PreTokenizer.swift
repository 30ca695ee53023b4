/// One cut of text into pieces, which later cuts may cut again and merging never joins.
enum PreTokenizer: Sendable {
  enum Separator: Sendable {
    case pattern(Pattern)
    case text([UInt8])
  }
  /// What becomes of a separator; the names are those of `tokenizer.json`.
  enum Behavior: String, Sendable, CaseIterable {
    case removed = "Removed"
    case isolated = "Isolated"
    case mergedWithPrevious = "MergedWithPrevious"
    case mergedWithNext = "MergedWithNext"
    case contiguous = "Contiguous"
  }
  /// Which pieces a Metaspace prefix goes before.
  enum Prefix: String, Sendable, CaseIterable {
    case always, never, first
  }

  case split(Separator, Behavior, invert: Bool)
  /// A space before every piece that does not begin with one.
  case prefixSpace
  /// Spaces become `replacement`, and pieces begin with it.
  case metaspace(replacement: [UInt8], prefix: Prefix, splits: Bool)

  func apply(_ text: inout CutText) {
    switch self {
    case .split(let separator, let behavior, let invert):
      var pieces: [Range<Int>] = []
      pieces.reserveCapacity(text.pieces.count)
      for piece in text.pieces {
        let marked = Self.marks(of: separator, in: text.bytes, piece, invert: invert)
        Self.append(marked, behavior, to: &pieces)
      }
      text.pieces = pieces
    case .prefixSpace:
      text.rewrite { bytes, _ in bytes.first == 0x20 ? Array(bytes) : [0x20] + bytes }
    case .metaspace(let replacement, let prefix, let splits):
      let beginsText = text.beginsText
      text.rewrite { bytes, isFirst in
        let replaced = Normalizer.replacing([0x20], with: replacement, in: Array(bytes))
        let wanted = prefix == .always || prefix == .first && isFirst && beginsText
        return wanted && !replaced.starts(with: replacement) ? replacement + replaced : replaced
      }
      if splits {
        PreTokenizer.split(.text(replacement), .mergedWithNext, invert: false).apply(&text)
      }
    }
  }

  /// A piece as consecutive parts, each a separator or not.
  private static func marks(
    of separator: Separator, in bytes: [UInt8], _ piece: Range<Int>, invert: Bool
  ) -> [(range: Range<Int>, isSeparator: Bool)] {
    var result: [(range: Range<Int>, isSeparator: Bool)] = []
    var covered = piece.lowerBound
    func add(_ start: Int, _ end: Int) {
      if start > covered { result.append((covered..<start, invert)) }
      result.append((start..<end, !invert))
      covered = end
    }
    switch separator {
    case .pattern(let pattern):
      pattern.forEachMatch(in: bytes, piece.lowerBound, piece.upperBound, add)
    case .text(let found):
      var index = piece.lowerBound
      while !found.isEmpty && index + found.count <= piece.upperBound {
        if bytes[index] == found[0] && bytes[index..<index + found.count].elementsEqual(found) {
          add(index, index + found.count)
          index += found.count
        } else {
          index += 1
        }
      }
    }
    if covered < piece.upperBound { result.append((covered..<piece.upperBound, invert)) }
    return result
  }

  private static func append(
    _ parts: [(range: Range<Int>, isSeparator: Bool)], _ behavior: Behavior,
    to pieces: inout [Range<Int>]
  ) {
    let first = pieces.count
    var last = false
    switch behavior {
    case .isolated: for part in parts { pieces.append(part.range) }
    case .removed: for part in parts where !part.isSeparator { pieces.append(part.range) }
    case .contiguous:
      for part in parts {
        if pieces.count > first && part.isSeparator == last {
          pieces[pieces.count - 1] = pieces[pieces.count - 1].lowerBound..<part.range.upperBound
        } else {
          pieces.append(part.range)
        }
        last = part.isSeparator
      }
    case .mergedWithPrevious:
      for part in parts {
        if part.isSeparator && !last && pieces.count > first {
          pieces[pieces.count - 1] = pieces[pieces.count - 1].lowerBound..<part.range.upperBound
        } else {
          pieces.append(part.range)
        }
        last = part.isSeparator
      }
    case .mergedWithNext:
      for part in parts.reversed() {
        if part.isSeparator && !last && pieces.count > first {
          pieces[pieces.count - 1] = part.range.lowerBound..<pieces[pieces.count - 1].upperBound
        } else {
          pieces.append(part.range)
        }
        last = part.isSeparator
      }
      pieces[first...].reverse()
    }
  }
}

/// Text and the pieces it has been cut into so far.
struct CutText {
  var bytes: [UInt8]
  var pieces: [Range<Int>]
  /// Whether the first piece is the beginning of everything that is encoded.
  var beginsText: Bool

  /// Replaces the text of every piece.
  mutating func rewrite(_ body: (_ piece: ArraySlice<UInt8>, _ isFirst: Bool) -> [UInt8]) {
    var rewritten: [UInt8] = []
    rewritten.reserveCapacity(bytes.count + pieces.count)
    for index in pieces.indices {
      let start = rewritten.count
      rewritten.append(contentsOf: body(bytes[pieces[index]], index == 0))
      pieces[index] = start..<rewritten.count
    }
    bytes = rewritten
  }
}
