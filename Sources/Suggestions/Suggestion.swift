/// The name that a mistyped one probably was: the nearest by edits, if it is near.
///
/// A transposition counts as one edit; the first of equally near names wins. Of very many names (a
/// file's) the first few thousand are looked at, of very long ones the beginning.
public func suggestion(for typed: String, among names: [String]) -> String? {
  let typed = Array(typed.lowercased().unicodeScalars.prefix(128))
  var best: (name: String, distance: Int)?
  for name in names.prefix(4096) {
    let distance = editDistance(typed, Array(name.lowercased().unicodeScalars.prefix(128)))
    if distance < best?.distance ?? .max { best = (name, distance) }
  }
  guard let best, best.distance <= max(1, min(typed.count, best.name.count) / 3) else { return nil }
  return best.name
}

/// `, did you mean "x"?`, or nothing.
public func didYouMean(_ typed: String, among names: [String]) -> String {
  suggestion(for: typed, among: names).map { "; did you mean `\($0)`?" } ?? ""
}

/// The same at the end of a sentence, when another follows: a full stop where nothing is near.
public func closing(_ typed: String, among names: [String]) -> String {
  suggestion(for: typed, among: names).map { "; did you mean `\($0)`?" } ?? "."
}

/// The name from which one differs by one or two edits, where both are long enough for that to be a
/// mistake and not another name.
public func nearMiss(_ typed: String, among names: [String]) -> String? {
  let letters = Array(typed.lowercased().unicodeScalars.prefix(128))
  let limit = letters.count < 4 ? 0 : letters.count < 8 ? 1 : 2
  return names.first { name in
    editDistance(letters, Array(name.lowercased().unicodeScalars.prefix(128))) <= limit
  }
}

private func editDistance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
  var before: [Int] = []
  var last = Array(0...right.count)
  for row in 0..<left.count {
    var current = [row + 1]
    for column in 0..<right.count {
      let change = last[column] + (left[row] == right[column] ? 0 : 1)
      var cost = min(change, last[column + 1] + 1, current[column] + 1)
      if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
        cost = min(cost, before[column - 1] + 1)
      }
      current.append(cost)
    }
    before = last
    last = current
  }
  return last[right.count]
}
