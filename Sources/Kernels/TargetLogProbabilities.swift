import Glibc
import Profiling

/// What the projection to the vocabulary says about each row's target.
public struct TargetLogProbabilities: Sendable {
  /// log p(target), in nats.
  public var values: [Float]
  /// The entropy of the distribution in nats; empty unless asked for.
  public var entropies: [Float]
  /// log Σ p² over the vocabulary, at most 0 and 0 where one token is certain; empty unless asked for.
  public var concentrations: [Float]
  /// Whether the target is the first of the most likely tokens.
  public var argmaxIsTarget: [Bool]
  /// log Σ e^(logit / temperature), which the way back needs.
  public var logSumExp: [Float]
}

/// Gradients that are taken while a head's logits exist, so that they need not be computed again.
public struct HeadGradient {
  /// dL/dlogp of each row where it is known beforehand; else the hidden states' gradient is that of the
  /// row's log-probability itself, to be multiplied by the slope later.
  public var slopes: [Float]?
  /// [n, D], overwritten.
  public var hidden: Matrix
  /// [V, D], added to; only where the slopes are known.
  public var weights: Matrix?

  public init(slopes: [Float]? = nil, hidden: Matrix, weights: Matrix? = nil) {
    self.slopes = slopes
    self.hidden = hidden
    self.weights = weights
  }
}

extension Compute {
  /// Log-softmax of hidden · weightsᵀ / temperature at one target a row, and nothing larger kept.
  ///
  /// hidden is [n, D], weights [V, D]. Logits exist for a chunk of rows at a time (`logitsByteLimit`).
  public func targetLogProbabilities(
    _ hidden: Matrix, weights: WeightMatrix, targets: [Int32], temperature: Float = 1,
    wantsEntropy: Bool = false, wantsConcentration: Bool = false, gradient: HeadGradient? = nil
  ) -> TargetLogProbabilities {
    checkTargets(targets, hidden, weights, temperature)
    if let gradient { check(gradient, hidden, weights) }
    let count = hidden.rows
    var result = TargetLogProbabilities(
      values: Array(repeating: 0, count: count),
      entropies: Array(repeating: 0, count: wantsEntropy ? count : 0),
      concentrations: Array(repeating: 0, count: wantsConcentration ? count : 0),
      argmaxIsTarget: Array(repeating: false, count: count),
      logSumExp: Array(repeating: 0, count: count))
    let rowMeasures = FloatBuffer(count: 5 * count)
    let measures = rowMeasures.writable
    overLogits(hidden, weights) { rows, chunk in
      let logits = chunk.writable
      spreadRows(rows.count, columns: weights.rows) { range in
        for index in range {
          let row = rows.lowerBound + index
          let logitRow = UnsafePointer(logits) + index * weights.rows
          let measure = measureRow(
            logitRow, weights.rows, target: Int(targets[row]),
            temperature: temperature, wantsEntropy: wantsEntropy)
          if wantsConcentration {
            measures[5 * row + 4] = concentration(
              logitRow, weights.rows, temperature: temperature, measure.logSumExp)
          }
          measures[5 * row] = measure.value
          measures[5 * row + 1] = measure.logSumExp
          measures[5 * row + 2] = measure.entropy
          measures[5 * row + 3] = measure.isArgmax ? 1 : 0
          guard let gradient else { continue }
          turn(
            logits + index * weights.rows, weights.rows, target: Int(targets[row]),
            inverse: 1 / temperature, logSumExp: measure.logSumExp,
            slope: gradient.slopes?[row] ?? 1)
        }
      }
      if let gradient { self.take(gradient, rows, chunk, hidden, weights) }
    }
    for row in 0..<count {
      result.values[row] = rowMeasures[5 * row]
      result.logSumExp[row] = rowMeasures[5 * row + 1]
      if wantsEntropy { result.entropies[row] = rowMeasures[5 * row + 2] }
      if wantsConcentration { result.concentrations[row] = rowMeasures[5 * row + 4] }
      result.argmaxIsTarget[row] = rowMeasures[5 * row + 3] == 1
    }
    return result
  }

  private func check(_ gradient: HeadGradient, _ hidden: Matrix, _ weights: WeightMatrix) {
    gradient.hidden.requireShape(hidden.rows, hidden.columns, "the hidden states' gradient")
    gradient.weights?.requireShape(weights.rows, weights.columns, "the projection's gradient")
    precondition(
      gradient.weights == nil || gradient.slopes != nil,
      "a projection's gradient without the rows' slopes")
    precondition(
      gradient.slopes?.count ?? hidden.rows == hidden.rows,
      "\(gradient.slopes?.count ?? 0) slopes for \(hidden.rows) rows")
  }

  /// From the logits' gradient of some rows to those of the hidden states and the projection.
  func take(
    _ gradient: HeadGradient, _ rows: Range<Int>, _ chunk: Matrix, _ hidden: Matrix,
    _ weights: WeightMatrix
  ) {
    if let target = gradient.weights {
      multiply(transposed: chunk, hidden.rows(rows), into: target, accumulating: true)
    }
    multiply(chunk, weights, into: gradient.hidden.rows(rows))
  }

  func checkTargets(
    _ targets: [Int32], _ hidden: Matrix, _ weights: WeightMatrix, _ temperature: Float
  ) {
    precondition(
      hidden.columns == weights.columns,
      "cannot multiply \(hidden.shape) by \(weights.shape) transposed")
    precondition(targets.count == hidden.rows, "\(targets.count) targets for \(hidden.rows) rows")
    precondition(temperature > 0, "logits cannot be divided by \(temperature)")
    for target in targets {
      precondition(
        target >= 0 && target < weights.rows, "no token \(target) of \(weights.rows)")
    }
  }

  /// Calls `body` with some rows and their logits [padded rows, V], chunk by chunk.
  func overLogits(
    _ hidden: Matrix, _ weights: WeightMatrix,
    _ body: (Range<Int>, Matrix) -> Void
  ) {
    guard hidden.rows > 0 else { return }
    // As many chunks as need be, of one height: each reads all weights.
    let most = max(1, logitsByteLimit / max(4 * weights.rows, 1))
    let chunks = (hidden.rows + most - 1) / most
    let height = (hidden.rows + chunks - 1) / chunks
    Profiler.measure(.logSoftmax) {
      engine.scratch.borrow(height * weights.rows) { room in
        let buffer = FloatBuffer(borrowed: room, count: height * weights.rows)
        for start in stride(from: 0, to: hidden.rows, by: height) {
          let rows = start..<min(start + height, hidden.rows)
          let logits = Matrix(buffer, rows: rows.count, columns: weights.rows)
          multiply(hidden.rows(rows), transposed: weights, into: logits)
          body(rows, logits)
        }
      }
    }
  }
}

/// A row's numbers for its target.
private func measureRow(
  _ logits: UnsafePointer<Float>, _ count: Int, target: Int, temperature: Float,
  wantsEntropy: Bool
) -> (value: Float, logSumExp: Float, entropy: Float, isArgmax: Bool) {
  let inverse = 1 / temperature
  let (largest, sum, weighted) = sumPowers(
    logits, count, inverse: inverse, wantsEntropy: wantsEntropy)
  let logSum = log(sum)
  let peak = Double(largest) * Double(inverse)
  let value = logProbabilityOf(
    logits[target], largest: largest, inverse: inverse, logSum: logSum)
  var isArgmax = logits[target] == largest
  if isArgmax { for index in 0..<target where logits[index] == largest { isArgmax = false } }
  return (value, Float(peak + logSum), Float(logSum - weighted / sum), isArgmax)
}

/// log Σ p²: the powers of twice the logits over their sum's square.
private func concentration(
  _ logits: UnsafePointer<Float>, _ count: Int, temperature: Float, _ logSumExp: Float
) -> Float {
  let (largest, sum, _) = sumPowers(
    logits, count, inverse: 2 / temperature, wantsEntropy: false)
  return Float(2 * Double(largest) / Double(temperature) + log(sum) - 2 * Double(logSumExp))
}
