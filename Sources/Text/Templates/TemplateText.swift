/// A string of a template: every character knows whether the template or the conversation wrote it.
struct TemplateText: Sendable {
  var scalars: [Unicode.Scalar]
  var isTrusted: [Bool]

  init(_ text: String = "", isTrusted: Bool = true) {
    scalars = Array(text.unicodeScalars)
    self.isTrusted = [Bool](repeating: isTrusted, count: scalars.count)
  }

  var count: Int { scalars.count }

  var text: String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }

  var tagged: TaggedText {
    var result = TaggedText()
    var start = 0
    for end in 1..<max(count + 1, 1) where end == count || isTrusted[end] != isTrusted[start] {
      result.append(self[start..<end].text, isTrusted: isTrusted[start])
      start = end
    }
    return result
  }

  subscript(range: Range<Int>) -> TemplateText {
    var result = TemplateText()
    result.scalars = Array(scalars[range])
    result.isTrusted = Array(isTrusted[range])
    return result
  }

  mutating func append(_ other: TemplateText) {
    scalars += other.scalars
    isTrusted += other.isTrusted
  }

  mutating func append(_ scalar: Unicode.Scalar, isTrusted trust: Bool) {
    scalars.append(scalar)
    isTrusted.append(trust)
  }

  /// Without characters of `set` (white space if nil) at its ends.
  func stripped(_ set: [Unicode.Scalar]?, left: Bool = true, right: Bool = true) -> TemplateText {
    func goes(_ scalar: Unicode.Scalar) -> Bool {
      set?.contains(scalar) ?? TemplateText.isSpace(scalar)
    }
    var (lower, upper) = (0, count)
    while left && lower < upper && goes(scalars[lower]) { lower += 1 }
    while right && lower < upper && goes(scalars[upper - 1]) { upper -= 1 }
    return self[lower..<upper]
  }

  /// Python's idea of white space.
  static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isWhitespace || (0x1C...0x1F).contains(scalar.value)
  }

  func hasPrefix(_ other: TemplateText) -> Bool { scalars.starts(with: other.scalars) }

  func hasSuffix(_ other: TemplateText) -> Bool {
    scalars.reversed().starts(with: other.scalars.reversed())
  }

  /// Where `other` occurs at or after `start`.
  func find(_ other: TemplateText, from start: Int = 0) -> Int? {
    var index = start
    while index + other.count <= count {
      if scalars[index..<index + other.count].elementsEqual(other.scalars) { return index }
      index += 1
    }
    return nil
  }

  func replacing(_ found: TemplateText, with other: TemplateText, limit: Int) -> TemplateText {
    if found.count == 0 { return self }
    return split(found, limit: limit).reduce(into: (TemplateText(), true)) { result, part in
      if !result.1 { result.0.append(other) }
      result.0.append(part)
      result.1 = false
    }.0
  }

  /// Cuts at `separator` (runs of white space if nil), at most `limit` times unless negative.
  func split(_ separator: TemplateText?, limit: Int = -1) -> [TemplateText] {
    var parts: [TemplateText] = []
    guard let separator else {
      var index = 0
      while true {
        while index < count && Self.isSpace(scalars[index]) { index += 1 }
        if index == count { return parts }
        if limit >= 0 && parts.count == limit {
          return parts + [self[index..<count].stripped(nil, left: false)]
        }
        let start = index
        while index < count && !Self.isSpace(scalars[index]) { index += 1 }
        parts.append(self[start..<index])
      }
    }
    var start = 0
    while limit < 0 || parts.count < limit, let place = find(separator, from: start) {
      parts.append(self[start..<place])
      start = place + max(separator.count, 1)
    }
    parts.append(self[start..<count])
    return parts
  }

  /// Every character through a mapping, keeping its writer.
  func mapped(_ mapping: (Unicode.Scalar, _ index: Int) -> String) -> TemplateText {
    var result = TemplateText()
    for (index, scalar) in scalars.enumerated() {
      for mapped in mapping(scalar, index).unicodeScalars {
        result.append(mapped, isTrusted: isTrusted[index])
      }
    }
    return result
  }

  var uppercased: TemplateText { mapped { scalar, _ in scalar.properties.uppercaseMapping } }
  var lowercased: TemplateText { mapped { scalar, _ in scalar.properties.lowercaseMapping } }

  /// Every word's first letter upper case, the others lower.
  var titlecased: TemplateText {
    mapped { scalar, index in
      let isInside = index > 0 && scalars[index - 1].properties.isAlphabetic
      return isInside ? scalar.properties.lowercaseMapping : scalar.properties.titlecaseMapping
    }
  }

  var capitalized: TemplateText {
    mapped { scalar, index in
      index > 0 ? scalar.properties.lowercaseMapping : scalar.properties.titlecaseMapping
    }
  }
}
