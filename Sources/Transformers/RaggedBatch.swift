public import Kernels

/// Sequences laid one behind the other: no padding between them, no attention mask.
///
/// A few rows may follow the last sequence (and, on some processors, stand between sequences) so that
/// a row's result does not depend on the batch it is in; they hold no token (id −1), zeros flow
/// through them and nothing reads them.
public struct RaggedBatch: Sendable {
  /// The token of each row; −1 where a row is empty.
  public let tokens: [Int32]
  /// Each row's position within its sequence.
  public let positions: [Int32]
  /// The rows of each sequence.
  public let sequences: [Range<Int>]

  public init(_ sequences: [[Int32]], for compute: Compute) {
    var tokens: [Int32] = []
    var positions: [Int32] = []
    var ranges: [Range<Int>] = []
    for sequence in sequences {
      precondition(!sequence.isEmpty, "a sequence without tokens")
      RaggedBatch.fill(&tokens, &positions, to: compute.sequenceAlignment)
      ranges.append(tokens.count..<tokens.count + sequence.count)
      tokens.append(contentsOf: sequence)
      positions.append(contentsOf: (0..<sequence.count).map(Int32.init))
    }
    RaggedBatch.fill(&tokens, &positions, to: compute.rowMultiple)
    self.tokens = tokens
    self.positions = positions
    self.sequences = ranges
  }

  /// How many rows every matrix of this batch has.
  public var rowCount: Int { tokens.count }

  /// Whether some rows hold no token.
  public var hasEmptyRows: Bool { sequences.reduce(0) { $0 + $1.count } < rowCount }

  private static func fill(_ tokens: inout [Int32], _ positions: inout [Int32], to multiple: Int) {
    while tokens.count % multiple != 0 {
      tokens.append(-1)
      positions.append(0)
    }
  }
}
