import Generation

extension CompletionRow {
  /// The answers with a text of their own, of those that say the same the first; without
  /// `requireStop` also those that were cut.
  func distinctAnswers(requireStop: Bool) -> [Int] {
    var seen: Set<String> = []
    return completions.indices.filter { index in
      let answer = completions[index]
      // Templates take white space off the ends, so answers that differ in it are the same.
      let text = answer.text.trimmingWhitespace
      guard !text.isEmpty, !text.utf8.contains(0), answer.hasEnded || !requireStop else {
        return false
      }
      return seen.insert(text).inserted
    }
  }

  /// An answer's tokens; its characters, where the file has no tokens.
  func length(_ index: Int) -> Int {
    let answer = completions[index]
    return answer.completion.tokens.isEmpty ? answer.text.count : answer.completion.tokens.count
  }
}

extension String {
  /// Without white space at either end.
  var trimmingWhitespace: String {
    var rest = self[...]
    while rest.first?.isWhitespace == true { rest.removeFirst() }
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return String(rest)
  }
}
