/// The rows whose attention is computed together: those of a sequence, or of what follows a prefix that
/// several sequences share.
///
/// A row sees all rows of `prefix` and those of `own` up to itself.
public struct AttentionSpan: Sendable, Equatable {
  /// Rows of keys and values.
  public var prefix: Range<Int>
  public var own: Range<Int>
  /// The rows of queries, those of the last of `own`.
  public var queries: Range<Int>

  /// All rows of `own` have queries, in the same places, unless `queries` says where those of the last rows are.
  public init(prefix: Range<Int> = 0..<0, own: Range<Int>, queries: Range<Int>? = nil) {
    self.prefix = prefix
    self.own = own
    self.queries = queries ?? own
  }

  /// How many positions the last row sees.
  public var length: Int { prefix.count + own.count }

  /// The row of a position.
  public func row(_ position: Int) -> Int {
    position < prefix.count
      ? prefix.lowerBound + position : own.lowerBound + position - prefix.count
  }

  /// The position of a row of queries.
  func position(ofQuery row: Int) -> Int { length - queries.upperBound + row }
}
