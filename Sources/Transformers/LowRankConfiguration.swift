/// Low-rank adaptation (arXiv:2106.09685): `y = Wx + s·B(Ax)`.
///
/// `s = alpha / rank`, or `alpha / √rank` when rank-stabilised (arXiv:2312.03732).
public struct LowRankConfiguration: Sendable, Equatable {
  public var rank: Int
  public var alpha: Double
  public var isRankStabilized: Bool
  /// The linear layers that get an adapter, by the last part of their name (`q_proj`); nil for all
  /// but the output head.
  public var targets: [String]?

  public init(rank: Int, alpha: Double, isRankStabilized: Bool = false, targets: [String]? = nil) {
    self.rank = rank
    self.alpha = alpha
    self.isRankStabilized = isRankStabilized
    self.targets = targets
  }

  public var scale: Float {
    Float(isRankStabilized ? alpha / Double(rank).squareRoot() : alpha / Double(rank))
  }

  public func adapts(_ projection: Projection) -> Bool {
    targets?.contains(projection.rawValue) ?? true
  }
}
