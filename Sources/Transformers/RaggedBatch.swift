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
  /// What blocks compute: all but the last one every row, the last one those that are read.
  let every: BlockRows
  let read: BlockRows

  /// Shorter beginnings are not worth a span of their own.
  private static let sharingWorth = 8

  /// Of the last block's output the rows of each sequence from a position on are read: all where nothing is said.
  public init(_ sequences: [[Int32]], readFrom starts: [Int]? = nil) {
    var tokens: [Int32] = []
    var positions: [Int32] = []
    var found: [AttentionSpan] = []
    var spans: [AttentionSpan] = []
    var asking: [Int] = []
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
      if !prefix.isEmpty {
        spans.append(AttentionSpan(own: prefix))
        let first = group.members.map { starts?[$0] ?? 0 }.min() ?? 0
        asking.append(max(0, prefix.count - first))
      }
      for member in group.members {
        let own = append(sequences[member].dropFirst(group.shared))
        let span = AttentionSpan(prefix: prefix, own: own)
        spans.append(span)
        found.append(span)
        asking.append(min(own.count, max(0, span.length - (starts?[member] ?? 0))))
      }
      next = group.members.upperBound
    }
    self.tokens = tokens
    self.positions = positions
    self.sequences = found
    self.spans = spans
    every = BlockRows(positions: positions, spans: spans)
    read = BlockRows(positions: positions, spans: spans, asking: asking)
  }

  /// How many rows every matrix of this batch has.
  public var rowCount: Int { tokens.count }

  /// How many rows the last block goes on with.
  public var readCount: Int { read.count }

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
