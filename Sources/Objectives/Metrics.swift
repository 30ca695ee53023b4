/// Named numbers of a batch that can be added up over examples, micro-batches and ranks, in the order they first came in.
///
/// A mean is kept as a weighted sum, so that the mean of a batch is the same however it was divided. Merging is as exact as
/// Double addition: merge in a fixed order to get the same bits.
public struct Metrics: Sendable, Equatable, Codable {
  /// How two values under one name become one.
  public enum Kind: UInt8, Sendable, Codable {
    /// The weighted sum over the sum of weights.
    case mean
    /// The plain sum.
    case sum
    /// The least value.
    case minimum
    /// The greatest value.
    case maximum
  }

  /// What has been gathered under one name; public so that a rank can send it.
  public struct Entry: Sendable, Equatable, Codable {
    public var name: String
    public var kind: Kind
    /// The weighted sum of a mean; otherwise the sum, least or greatest value.
    public var value: Double
    /// The weights of a mean added up; otherwise how many values came in.
    public var weight: Double

    public init(name: String, kind: Kind, value: Double, weight: Double) {
      self.name = name
      self.kind = kind
      self.value = value
      self.weight = weight
    }

    mutating func absorb(_ other: Entry) {
      precondition(
        kind == other.kind, "metric \(name) is a \(kind) and cannot absorb a \(other.kind)")
      switch kind {
      case .mean, .sum: value += other.value
      case .minimum: value = Double.minimum(value, other.value)
      case .maximum: value = Double.maximum(value, other.value)
      }
      weight += other.weight
    }

    var resolved: Double { kind == .mean ? value / weight : value }
  }

  /// In the order in which the names first came in.
  public private(set) var entries: [Entry] = []

  public init() {}

  public init(entries: [Entry]) {
    for entry in entries { absorb(entry) }
  }

  /// Adds a value to a weighted mean; a weight of nothing adds nothing.
  public mutating func add(_ name: String, _ value: Double, weight: Double = 1) {
    add(name, sum: value * weight, weight: weight)
  }

  /// Adds many values to a weighted mean at once.
  public mutating func add(_ name: String, sum: Double, weight: Double) {
    guard weight != 0 else { return }
    absorb(Entry(name: name, kind: .mean, value: sum, weight: weight))
  }

  /// Adds to a sum.
  public mutating func count(_ name: String, _ value: Double) {
    absorb(Entry(name: name, kind: .sum, value: value, weight: 1))
  }

  /// Keeps the lesser of a value and what was there.
  public mutating func minimum(_ name: String, _ value: Double) {
    absorb(Entry(name: name, kind: .minimum, value: value, weight: 1))
  }

  /// Keeps the greater of a value and what was there.
  public mutating func maximum(_ name: String, _ value: Double) {
    absorb(Entry(name: name, kind: .maximum, value: value, weight: 1))
  }

  public mutating func merge(_ other: Metrics) {
    for entry in other.entries { absorb(entry) }
  }

  /// Each name with its number, in the order in which the names first came in.
  public func resolved() -> [(name: String, value: Double)] {
    entries.map { ($0.name, $0.resolved) }
  }

  public subscript(name: String) -> Double? {
    entries.first { $0.name == name }?.resolved
  }

  // A step has some twenty names: looking through them beats hashing, and there is no hash to decide an order.
  private mutating func absorb(_ entry: Entry) {
    if let index = entries.firstIndex(where: { $0.name == entry.name }) {
      entries[index].absorb(entry)
    } else {
      entries.append(entry)
    }
  }
}
