import Glibc

/// The learning rate of each step, as a share of the peak rate: transformers' schedules.
public struct LearningRateSchedule: Sendable, Equatable {
  public enum Shape: String, Sendable, Codable, CaseIterable {
    /// Half a cosine from one to zero.
    case cosine
    /// A straight line from one to zero.
    case linear
    /// One throughout.
    case constant
  }

  public var shape: Shape
  /// Steps that climb from zero to one in a straight line.
  public var warmupSteps: Int
  public var totalSteps: Int

  public init(shape: Shape, warmupSteps: Int = 0, totalSteps: Int) {
    self.shape = shape
    self.warmupSteps = warmupSteps
    self.totalSteps = totalSteps
  }

  /// The share of the peak rate at a step, counted from zero.
  public func share(step: Int) -> Double {
    if step < warmupSteps { return Double(step) / Double(max(1, warmupSteps)) }
    let progress = Double(step - warmupSteps) / Double(max(1, totalSteps - warmupSteps))
    return switch shape {
    case .constant: 1
    case .linear: max(0, 1 - progress)
    case .cosine: max(0, 0.5 * (1 + cos(.pi * progress)))
    }
  }
}
