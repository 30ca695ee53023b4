/// What an activity has to do, where that can be said: what its rates are counted by.
public struct Work: Sendable, Equatable {
  /// Additions and multiplications.
  public var operations: Double
  /// Bytes that have to be read and written, each once.
  public var bytes: Double

  public init(operations: Double = 0, bytes: Double = 0) {
    self.operations = operations
    self.bytes = bytes
  }

  /// Work that nobody counts.
  public static let unknown = Work()

  static func += (left: inout Work, right: Work) {
    left.operations += right.operations
    left.bytes += right.bytes
  }
}
