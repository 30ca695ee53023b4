/// Counts sentences as Punkt does, in the form that nltk gave it.
///
/// After Kiss and Strunk (Computational Linguistics 32(4), 2006).
///
/// A full stop, a question or an exclamation mark may end a sentence; whether it does is decided from the word before it and the
/// token behind it alone. The words that the decision knows are in `SentenceFigures`.
struct SentenceCounter {
  private let text: Scalars

  init(_ text: Scalars) { self.text = text }

  /// A mark that may end a sentence.
  private struct Candidate {
    /// Of the mark.
    let place: Int
    /// Where a next sentence would begin.
    let next: Int
    /// What decides: the word before, the mark, the token behind.
    let context: Range<Int>
  }

  /// How many sentences there are.
  var count: Int {
    var count = 0
    var realign = 0
    let sentences = self.sentences
    for (index, sentence) in sentences.enumerated() {
      let start = sentence.lowerBound + realign
      let isFilled = start < sentence.upperBound
      guard index + 1 < sentences.count else { return count + (isFilled ? 1 : 0) }
      realign = closingLength(sentences[index + 1])
      if realign > 0 || isFilled { count += 1 }
    }
    return count
  }

  /// Sentences, before closing quotation marks are given back to the sentence that they close.
  private var sentences: [Range<Int>] {
    var sentences: [Range<Int>] = []
    var start = 0
    for candidate in candidates where SentenceTokens(text[candidate.context]).holdBreak {
      sentences.append(start..<max(start, candidate.place + 1))
      start = candidate.next
    }
    let end = text.lastIndex { !$0.isPythonSpace }.map { $0 + 1 } ?? 0
    return sentences + [start..<max(start, end)]
  }

  /// The marks; of several within one word the last is taken.
  private var candidates: [Candidate] {
    var candidates: [Candidate] = []
    var held: (candidate: Candidate, word: Range<Int>)?
    for place in text.indices where SentenceFigures.ends.contains(text[place]) {
      guard let (next, behind) = following(place) else { continue }
      let wordEnd = held?.word.upperBound ?? 0
      let space = text[wordEnd..<place].lastIndex(where: \.isPythonSpace)
      // A space right at the beginning is taken for none, as in the published program.
      let start = space.flatMap { $0 > wordEnd ? $0 + 1 : nil } ?? held?.word.lowerBound ?? 0
      if let held, held.word.upperBound <= start { candidates.append(held.candidate) }
      held = (Candidate(place: place, next: next, context: start..<behind), start..<place)
    }
    if let held { candidates.append(held.candidate) }
    return candidates
  }

  /// Where a sentence after this mark begins, and where the token behind it ends; nil if nothing comes that could follow an end.
  private func following(_ place: Int) -> (next: Int, end: Int)? {
    guard place + 1 < text.count else { return nil }
    if SentenceFigures.nonWord.contains(text[place + 1]) { return (place + 1, place + 2) }
    let next = text.afterSpaces(from: place + 1)
    guard next > place + 1, next < text.count else { return nil }
    return (next, text[next...].firstIndex(where: \.isPythonSpace) ?? text.count)
  }

  /// The length of closing marks that begin a sentence but belong to the one before, with the space behind them.
  private func closingLength(_ sentence: Range<Int>) -> Int {
    var end = sentence.lowerBound
    while end < sentence.upperBound, SentenceFigures.closing.contains(text[end]) {
      end += 1
      if end == sentence.upperBound || text[end].isPythonSpace {
        while end < sentence.upperBound, text[end].isPythonSpace { end += 1 }
        return end - sentence.lowerBound
      }
      if end + 1 < sentence.upperBound, text[end] == "-", text[end + 1] == "-" {
        return end - sentence.lowerBound
      }
    }
    return 0
  }
}
