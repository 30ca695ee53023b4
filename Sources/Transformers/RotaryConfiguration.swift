import Glibc

/// How positions turn queries and keys: the base, and how long contexts stretch it.
public struct RotaryConfiguration: Sendable, Equatable {
  public enum Scaling: Sendable, Equatable {
    case none
    /// Every frequency divided by the factor (position interpolation, arXiv:2306.15595).
    case linear(factor: Double)
    /// Llama 3.1's rule: low frequencies divided by the factor, high ones kept, a smooth ramp between.
    case llama3(
      factor: Double, lowFrequencyFactor: Double, highFrequencyFactor: Double,
      originalMaximumPosition: Double)
  }

  public var base: Double
  public var scaling: Scaling

  public init(base: Double, scaling: Scaling = .none) {
    self.base = base
    self.scaling = scaling
  }

  /// The angle per position of each of the `headDimension / 2` pairs, in radians.
  public func frequencies(headDimension: Int) -> [Double] {
    stride(from: 0, to: headDimension, by: 2).map { index in
      scaled(pow(base, -Double(index) / Double(headDimension)))
    }
  }

  private func scaled(_ frequency: Double) -> Double {
    switch scaling {
    case .none: return frequency
    case .linear(let factor): return frequency / factor
    case .llama3(let factor, let low, let high, let original):
      let wavelength = 2 * Double.pi / frequency
      if wavelength < original / high { return frequency }
      if wavelength > original / low { return frequency / factor }
      let smooth = (original / wavelength - low) / (high - low)
      return (1 - smooth) * frequency / factor + smooth * frequency
    }
  }
}
