/// How the changes of several models stand to each other in one part of the network: a layer, or what is outside the layers.
public struct LayerStatistics: Sendable, Equatable {
  /// `layer 3`, `embed`, `final_norm`, `lm_head`, `other`.
  public var name: String
  /// ‖δ‖ of each model, and that of the base's weights.
  public var norms: [Double]
  public var baseNorm: Double
  /// cos(δᵢ, δⱼ) for i < j, row after row; 0 where one of the two is zero.
  public var cosines: [Double]
  /// Of the elements that at least two models change, the share in which they do not agree in sign.
  public var conflict: Double
  /// Of each model's ‖δ‖², the share that trimming to its density leaves.
  public var trimmed: [Double]
  /// Of the changes that trimming leaves, the share that the elected sign leaves, for each model.
  public var elected: [Double]
}

/// Adds up what `LayerStatistics` says over the tensors of a part.
struct LayerAccumulator {
  private var squares: [Double]
  private var baseSquare = 0.0
  private var products: [Double]
  private var changed = 0
  private var conflicting = 0
  private var trimmedSquares: [Double]
  private var kept: [Int]
  private var agreeing: [Int]
  private let count: Int

  init(models count: Int) {
    self.count = count
    squares = Array(repeating: 0, count: count)
    products = Array(repeating: 0, count: count * (count - 1) / 2)
    trimmedSquares = squares
    kept = Array(repeating: 0, count: count)
    agreeing = kept
  }

  /// Adds a tensor: the base's values and the models', of one length; which share each is trimmed to and weighs.
  mutating func add(base: [Float], models: [[Float]], densities: [Double], weights: [Double]) {
    let thresholds = zip(models, densities).map { model, density in
      Self.threshold(model, base, density: density)
    }
    var changes = [Float](repeating: 0, count: count)
    for index in base.indices {
      baseSquare += Double(base[index]) * Double(base[index])
      var (positive, negative, vote) = (0, 0, 0.0)
      for model in 0..<count {
        let change = models[model][index] - base[index]
        changes[model] = change
        if change > 0 { positive += 1 } else if change < 0 { negative += 1 }
        let square = Double(change) * Double(change)
        squares[model] += square
        if abs(change) >= thresholds[model], change != 0 {
          trimmedSquares[model] += square
          kept[model] += 1
          vote += weights[model] * Double(change)
        }
      }
      if positive + negative >= 2 {
        changed += 1
        if positive > 0, negative > 0 { conflicting += 1 }
      }
      var pair = 0
      for first in 0..<count {
        let isKept = abs(changes[first]) >= thresholds[first] && changes[first] != 0
        let side = weights[first] * Double(changes[first])
        if isKept, vote < 0 ? side < 0 : side > 0 { agreeing[first] += 1 }
        for second in (first + 1)..<max(count, first + 1) {
          products[pair] += Double(changes[first]) * Double(changes[second])
          pair += 1
        }
      }
    }
  }

  /// The size that the largest `density` of the changes have, to the 128th of it: from a histogram of the floats' upper halves.
  private static func threshold(_ model: [Float], _ base: [Float], density: Double) -> Float {
    guard density < 1 else { return 0 }
    var bins = [Int](repeating: 0, count: 1 << 15)
    for index in model.indices {
      bins[Int((model[index] - base[index]).magnitude.bitPattern >> 16)] += 1
    }
    var wanted = max(1, Int(density * Double(model.count)))
    for bin in bins.indices.reversed() {
      wanted -= bins[bin]
      if wanted <= 0 { return Float(bitPattern: UInt32(bin) << 16) }
    }
    return 0
  }

  func statistics(_ name: String) -> LayerStatistics {
    var cosines: [Double] = []
    var pair = 0
    for first in 0..<count {
      for second in (first + 1)..<max(count, first + 1) {
        let length = (squares[first] * squares[second]).squareRoot()
        cosines.append(length > 0 ? products[pair] / length : 0)
        pair += 1
      }
    }
    return LayerStatistics(
      name: name, norms: squares.map { $0.squareRoot() }, baseNorm: baseSquare.squareRoot(),
      cosines: cosines, conflict: changed > 0 ? Double(conflicting) / Double(changed) : 0,
      trimmed: zip(trimmedSquares, squares).map { $1 > 0 ? $0 / $1 : 1 },
      elected: zip(agreeing, kept).map { $1 > 0 ? Double($0) / Double($1) : 1 })
  }
}
