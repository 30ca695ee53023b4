/// One rewriting of text before it is cut into words.
enum Normalizer: Sendable {
  case canonicalComposition
  case lowercase
  case prepend([UInt8])
  case replaceText(found: [UInt8], replacement: [UInt8])
  case replacePattern(Pattern, replacement: [UInt8])
  case strip(left: Bool, right: Bool)

  func apply(_ bytes: [UInt8]) -> [UInt8] {
    switch self {
    case .canonicalComposition: return Composition.composed(bytes)
    case .lowercase: return Self.lowercased(bytes)
    case .prepend(let prefix): return bytes.isEmpty ? bytes : prefix + bytes
    case .replaceText(let found, let replacement):
      return Self.replacing(found, with: replacement, in: bytes)
    case .replacePattern(let pattern, let replacement):
      var result: [UInt8] = []
      var copied = 0
      pattern.forEachMatch(in: bytes, 0, bytes.count) { start, end in
        result.append(contentsOf: bytes[copied..<start])
        result.append(contentsOf: replacement)
        copied = end
      }
      return result + bytes[copied...]
    case .strip(let left, let right):
      var (lower, upper) = (0, bytes.count)
      while left && lower < upper {
        let (scalar, end) = UTF8Text.scalar(bytes, at: lower)
        if !scalar.properties.isWhitespace { break }
        lower = end
      }
      while right && lower < upper {
        let (scalar, start) = UTF8Text.scalar(bytes, before: upper)
        if !scalar.properties.isWhitespace { break }
        upper = start
      }
      return Array(bytes[lower..<upper])
    }
  }

  private static func lowercased(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      let (scalar, end) = UTF8Text.scalar(bytes, at: index)
      result.append(contentsOf: scalar.properties.lowercaseMapping.utf8)
      index = end
    }
    return result
  }

  /// Every occurrence, left to right, not overlapping.
  static func replacing(_ found: [UInt8], with replacement: [UInt8], in bytes: [UInt8]) -> [UInt8] {
    guard let first = found.first else { return bytes }
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      if bytes[index] == first, bytes[index...].starts(with: found) {
        result.append(contentsOf: replacement)
        index += found.count
      } else {
        result.append(bytes[index])
        index += 1
      }
    }
    return result
  }
}
