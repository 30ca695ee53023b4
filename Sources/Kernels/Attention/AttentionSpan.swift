/// The rows whose attention is computed together: those of a sequence, or of what follows a prefix that
/// several sequences share.
///
/// A row sees all rows of `prefix` and those of `own` up to itself.
public struct AttentionSpan: Sendable, Equatable {
  public var prefix: Range<Int>
  public var own: Range<Int>

  public init(prefix: Range<Int> = 0..<0, own: Range<Int>) {
    self.prefix = prefix
    self.own = own
  }

  /// How many positions the last row sees.
  public var length: Int { prefix.count + own.count }

  /// The row of a position.
  public func row(_ position: Int) -> Int {
    position < prefix.count
      ? prefix.lowerBound + position : own.lowerBound + position - prefix.count
  }
}
