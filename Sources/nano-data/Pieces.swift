/// Cuts text where the tokenizer's regular expression would, for counting.
///
/// The expression is Qwen2's: contractions, letters with one leading sign, single digits, signs with
/// one leading space, line ends, spaces. A test against it is the round trip of the tokenizer file.
func pieces(of text: String) -> [String] {
  let scalars = Array(text.unicodeScalars)
  var pieces: [String] = []
  var start = 0
  while start < scalars.count {
    let end = pieceEnd(scalars, from: start)
    var piece = String.UnicodeScalarView()
    piece.append(contentsOf: scalars[start..<end])
    pieces.append(String(piece))
    start = end
  }
  return pieces
}

private func pieceEnd(_ text: [Unicode.Scalar], from start: Int) -> Int {
  func end(from index: Int, while holds: (Unicode.Scalar) -> Bool) -> Int {
    var index = index
    while index < text.count, holds(text[index]) { index += 1 }
    return index
  }
  let first = text[start]
  if first.isLetter { return end(from: start) { $0.isLetter } }
  if first.isDigit { return start + 1 }
  let next = start + 1 < text.count ? text[start + 1] : "\n"
  if !first.isLineEnd, next.isLetter { return end(from: start + 1) { $0.isLetter } }
  if !first.isSpace || (first == " " && next.isSign) {
    let signs = end(from: first == " " ? start + 1 : start) { $0.isSign }
    return end(from: signs) { $0.isLineEnd }
  }
  if first.isLineEnd { return end(from: start) { $0.isLineEnd } }
  return start + 1
}

extension Unicode.Scalar {
  fileprivate var isLetter: Bool { properties.isAlphabetic }
  fileprivate var isDigit: Bool { properties.numericType != nil }
  fileprivate var isLineEnd: Bool { self == "\n" || self == "\r" }
  fileprivate var isSpace: Bool { properties.isWhitespace }
  fileprivate var isSign: Bool { !isLetter && !isDigit && !isSpace }
}
