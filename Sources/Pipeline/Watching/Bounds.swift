/// What happens when a figure leaves its bounds.
public enum WatchAction: String, Codable, Sendable, CaseIterable {
  /// The run says so and goes on.
  case warn
  /// The run ends with exit code 76.
  case stop
}

/// The least and the most that a figure may be, both of them allowed.
public struct Bounds: Sendable, Equatable {
  public var min: Double?
  public var max: Double?

  public init(min: Double? = nil, max: Double? = nil) {
    self.min = min
    self.max = max
  }

  /// What is wrong with a value in words, or nil; what is no number is within no bounds.
  func breach(_ value: Double) -> String? {
    if let min, !(value >= min) { return "where at least \(shown(min)) is wanted" }
    if let max, !(value <= max) { return "where at most \(shown(max)) is wanted" }
    return nil
  }
}

/// A figure as people write it: whole numbers without a point, six digits of others.
func shown(_ value: Double) -> String {
  if let whole = Int(exactly: value), abs(whole) < 1_000_000_000 { return "\(whole)" }
  guard value.isFinite, value != 0 else { return value.isNaN ? "not a number" : "\(value)" }
  var scale = 1.0
  while abs(value) * scale < 100_000, scale < 1e12 { scale *= 10 }
  guard abs(value) < 1e9 else { return "\(value)" }
  return "\((value * scale).rounded() / scale)"
}
