public import Kernels

/// Sequences laid one behind the other: no padding between them, no attention mask.
///
/// Neighbours that begin alike (the two answers of a pair, the samples of a group) share the rows of
/// what they have in common, so a prompt is computed once for all of its answers, forward and back.
/// A row's result depends on what it sees alone, so sharing changes no bit of it.
public struct RaggedBatch: Sendable {
  /// The token of each row.
  public let tokens: [Int32]
  /// Each row's position within its sequence.
  public let positions: [Int32]
  /// Where each sequence's positions are.
  public let sequences: [AttentionSpan]
  /// The rows that attention computes together: every row is the own row of one of them.
  public let spans: [AttentionSpan]

  /// Shorter beginnings are not worth a span of their own.
  private static let sharingWorth = 8

  public init(_ sequences: [[Int32]]) {
    var tokens: [Int32] = []
    var positions: [Int32] = []
    var found: [AttentionSpan] = []
    var spans: [AttentionSpan] = []
    func append(_ some: ArraySlice<Int32>) -> Range<Int> {
      positions.append(contentsOf: some.indices.map(Int32.init))
      tokens.append(contentsOf: some)
      return tokens.count - some.count..<tokens.count
    }
    var next = 0
    while next < sequences.count {
      precondition(!sequences[next].isEmpty, "a sequence without tokens")
      let group = RaggedBatch.group(sequences, from: next)
      let prefix = append(sequences[next].prefix(group.shared))
      if !prefix.isEmpty { spans.append(AttentionSpan(own: prefix)) }
      for sequence in sequences[group.members] {
        let span = AttentionSpan(prefix: prefix, own: append(sequence.dropFirst(group.shared)))
        spans.append(span)
        found.append(span)
      }
      next = group.members.upperBound
    }
    self.tokens = tokens
    self.positions = positions
    self.sequences = found
    self.spans = spans
  }

  /// How many rows every matrix of this batch has.
  public var rowCount: Int { tokens.count }

  /// Neighbours from `start` on that share their first `shared` tokens, each having more of its own.
  private static func group(
    _ sequences: [[Int32]], from start: Int
  ) -> (members: Range<Int>, shared: Int) {
    var (end, shared) = (start + 1, sequences[start].count - 1)
    while end < sequences.count {
      let common = commonCount(sequences[start], sequences[end], limit: shared)
      guard common >= sharingWorth else { break }
      (end, shared) = (end + 1, common)
    }
    return (start..<end, end == start + 1 ? 0 : shared)
  }

  private static func commonCount(_ first: [Int32], _ second: [Int32], limit: Int) -> Int {
    let limit = min(limit, second.count - 1)
    for index in 0..<max(limit, 0) where first[index] != second[index] { return index }
    return max(limit, 0)
  }
}
