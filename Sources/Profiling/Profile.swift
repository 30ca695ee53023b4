/// Where the time of a thread went, as a tree of activities.
public struct Profile: Sendable, Equatable {
  /// One activity within others.
  public struct Entry: Sendable, Equatable {
    /// The activity, behind those that it was part of.
    public var path: [Activity]
    public var calls: Int
    /// Seconds in it, without those of the entries below it.
    public var seconds: Double
    public var work: Work
  }

  /// Seconds from the first to the last moment.
  public var seconds: Double
  /// The entries, those that took longest first.
  public var entries: [Entry]

  public init(seconds: Double, entries: [Entry]) {
    self.seconds = seconds
    self.entries = entries
  }
}
