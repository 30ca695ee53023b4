import Kernels

/// Several adapters of one base as one: what PEFT's `add_weighted_adapter` makes, in Double and rounded once.
///
/// With s = α/r of each adapter and its weight w: `cat` and `svd` are Σ w·s·B·A, exactly and in the least squares' sense; the
/// others combine A and B by themselves, each times √(w·s), which is rougher and keeps the rank.
public struct AdapterCombination: Sendable {
  public enum Method: String, Sendable, CaseIterable {
    case linear, cat, svd, ties
    case tiesSVD = "ties_svd"
    case dareLinear = "dare_linear"
    case dareLinearSVD = "dare_linear_svd"
    case dareTies = "dare_ties"
    case dareTiesSVD = "dare_ties_svd"
    case magnitudePrune = "magnitude_prune"
    case magnitudePruneSVD = "magnitude_prune_svd"

    /// Whether it combines the products B·A and decomposes the result.
    public var isDecomposed: Bool { self == .svd || rawValue.hasSuffix("_svd") }

    var needsDensity: Bool { ![.linear, .cat, .svd].contains(self) }

    var combination: DeltaCombination.Rule {
      switch self {
      case .linear, .cat, .svd: .sum
      case .ties, .tiesSVD: .init(prunes: .smallest, electsSign: true)
      case .dareLinear, .dareLinearSVD: .init(prunes: .random, electsSign: false)
      case .dareTies, .dareTiesSVD: .init(prunes: .random, electsSign: true)
      case .magnitudePrune, .magnitudePruneSVD: .init(prunes: .smallest, electsSign: false)
      }
    }
  }

  public var method: Method
  public var weights: [Double]
  /// The share of each adapter's numbers that is kept, for methods that prune.
  public var density: Double?
  /// The rank of decomposed results; nil is the largest of the adapters'.
  public var rank: Int?
  /// Whether a sign is elected by counting heads instead of adding up.
  public var electsByFrequency = false
  /// Of random masks.
  public var seed: UInt64 = 0
  /// Whether a number is kept, by matrix, adapter and place: for masks that somebody else has drawn.
  var mask: (@Sendable (_ name: String, _ adapter: Int, _ place: Int) -> Bool)?

  public init(_ method: Method, weights: [Double]) {
    self.method = method
    self.weights = weights
  }

  /// What a module's combination is made of.
  struct Part {
    /// [rank, inputs] and [outputs, rank], row-major.
    var down: [Float]
    var up: [Float]
    var rank: Int
    var scale: Double
    var weight: Double
    /// Which adapter it is, a coordinate of random masks.
    var index: Int
  }

  /// The combined A [rank, inputs] and B [outputs, rank] of one module; their scale is 1.
  func combine(
    _ parts: [Part], module: String, inputs: Int, outputs: Int, rank: Int
  ) throws(AdapterFault) -> (down: [Float], up: [Float]) {
    switch method {
    case .cat: return concatenate(parts, inputs: inputs, outputs: outputs, rank: rank)
    case _ where method.isDecomposed:
      return try decompose(parts, module: module, inputs: inputs, outputs: outputs, rank: rank)
    default:
      // The sign stands on one side only, or it would be lost.
      let strengths = parts.map { $0.weight * $0.scale }
      let roots = strengths.map { abs($0).squareRoot() }
      let signed = zip(roots, strengths).map { $1 < 0 ? -$0 : $0 }
      let combination = DeltaCombination(self)
      let down = combination.combine(
        parts.map { $0.down.map(Double.init) }, weights: signed, indices: parts.map(\.index),
        name: module + ".lora_A")
      let up = combination.combine(
        parts.map { $0.up.map(Double.init) }, weights: roots, indices: parts.map(\.index),
        name: module + ".lora_B")
      return (down.map(Float.init), up.map(Float.init))
    }
  }

  private func concatenate(
    _ parts: [Part], inputs: Int, outputs: Int, rank: Int
  ) -> (down: [Float], up: [Float]) {
    var down: [Float] = []
    for part in parts {
      let strength = part.weight * part.scale
      down += part.down.map { Float(strength * Double($0)) }
    }
    down += [Float](repeating: 0, count: rank * inputs - down.count)
    var up: [Float] = []
    for row in 0..<outputs {
      for part in parts { up += part.up[row * part.rank..<(row + 1) * part.rank] }
      up += [Float](repeating: 0, count: (row + 1) * rank - up.count)
    }
    return (down, up)
  }

  private func decompose(
    _ parts: [Part], module: String, inputs: Int, outputs: Int, rank: Int
  ) throws(AdapterFault) -> (down: [Float], up: [Float]) {
    let change = DeltaCombination(self).combine(
      parts.map { $0.product(inputs: inputs, outputs: outputs) }, weights: parts.map(\.weight),
      indices: parts.map(\.index), name: module)
    guard let values = SingularValues(change, rows: outputs, columns: inputs) else {
      throw .notFinite(module: module)
    }
    return values.factors(rank: rank, isDistributed: false)
  }
}

extension AdapterCombination.Part {
  /// s·B·A, [outputs, inputs].
  func product(inputs: Int, outputs: Int) -> [Double] {
    var product = [Double](repeating: 0, count: inputs * outputs)
    for row in 0..<outputs {
      for inner in 0..<rank {
        let factor = scale * Double(up[row * rank + inner])
        for column in 0..<inputs {
          product[row * inputs + column] += factor * Double(down[inner * inputs + column])
        }
      }
    }
    return product
  }
}

extension SingularValues {
  /// The best approximation of a rank as B·A: A [rank, columns], B [rows, rank].
  ///
  /// The values go to B, as in PEFT, or their roots to both, as in mergekit: then the two are of one size. Beyond the
  /// matrix's own rank there are zeros.
  func factors(rank: Int, isDistributed: Bool) -> (down: [Float], up: [Float]) {
    let count = min(rank, values.count)
    var down = [Float](repeating: 0, count: rank * columns)
    var up = [Float](repeating: 0, count: rows * rank)
    for index in 0..<count {
      let (onA, onB) =
        isDistributed
        ? (values[index].squareRoot(), values[index].squareRoot()) : (1, values[index])
      for column in 0..<columns {
        down[index * columns + column] = Float(onA * right[index * columns + column])
      }
      for row in 0..<rows { up[row * rank + index] = Float(onB * left[row * values.count + index]) }
    }
    return (down, up)
  }
}
