/// Work that can be repeated, step after step, with other data each time.
protocol Workload {
  /// Does the step of a number and says how many tokens it was.
  mutating func step(_ index: Int) throws -> Int
  /// Seconds that parts of the steps took, over all steps.
  var parts: [String: Double] { get }
  /// Whether this process speaks for all that share the work.
  var isFirst: Bool { get }
  /// Leaves what other processes share.
  func close() throws
}

extension Workload {
  var parts: [String: Double] { [:] }
  var isFirst: Bool { true }
  func close() throws {}
}

/// Adds up what a part of the steps takes.
struct PartClock {
  private(set) var seconds: [String: Double] = [:]

  mutating func time<Result>(_ part: String, _ body: () throws -> Result) rethrows -> Result {
    let start = ContinuousClock.now
    defer { seconds[part, default: 0] += (ContinuousClock.now - start).inSeconds }
    return try body()
  }
}
