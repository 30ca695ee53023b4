import Glibc

/// What the projection to the vocabulary says about each row's target.
public struct TargetLogProbabilities: Sendable {
  /// log p(target), in nats.
  public var values: [Float]
  /// The entropy of the distribution in nats; empty unless asked for.
  public var entropies: [Float]
  /// Whether the target is the first of the most likely tokens.
  public var argmaxIsTarget: [Bool]
  /// log Σ e^(logit / temperature), which the way back needs.
  public var logSumExp: [Float]
}

extension Compute {
  /// Log-softmax of hidden · weightsᵀ / temperature at one target a row, and nothing larger kept.
  ///
  /// hidden is [n, D], weights [V, D]. Logits exist for a chunk of rows at a time (`logitsByteLimit`);
  /// chunks are padded to `rowMultiple`, so a row's bits do not depend on n.
  public func targetLogProbabilities(
    _ hidden: Matrix, weights: Matrix, targets: [Int32], temperature: Float = 1,
    wantsEntropy: Bool = false
  ) -> TargetLogProbabilities {
    checkTargets(targets, hidden, weights, temperature)
    let count = hidden.rows
    var result = TargetLogProbabilities(
      values: Array(repeating: 0, count: count),
      entropies: Array(repeating: 0, count: wantsEntropy ? count : 0),
      argmaxIsTarget: Array(repeating: false, count: count),
      logSumExp: Array(repeating: 0, count: count))
    let rowMeasures = FloatBuffer(count: 4 * count)
    let measures = rowMeasures.writable
    overLogits(hidden, weights) { rows, chunk in
      let logits = chunk.writable
      spreadRows(rows.count, columns: weights.rows) { range in
        for index in range {
          let row = rows.lowerBound + index
          let measure = measureRow(
            UnsafePointer(logits) + index * weights.rows, weights.rows, target: Int(targets[row]),
            temperature: temperature, wantsEntropy: wantsEntropy)
          measures[4 * row] = measure.value
          measures[4 * row + 1] = measure.logSumExp
          measures[4 * row + 2] = measure.entropy
          measures[4 * row + 3] = measure.isArgmax ? 1 : 0
        }
      }
    }
    for row in 0..<count {
      result.values[row] = rowMeasures[4 * row]
      result.logSumExp[row] = rowMeasures[4 * row + 1]
      if wantsEntropy { result.entropies[row] = rowMeasures[4 * row + 2] }
      result.argmaxIsTarget[row] = rowMeasures[4 * row + 3] == 1
    }
    return result
  }

  func checkTargets(
    _ targets: [Int32], _ hidden: Matrix, _ weights: Matrix, _ temperature: Float
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
    _ hidden: Matrix, _ weights: Matrix,
    _ body: (Range<Int>, Matrix) -> Void
  ) {
    let multiple = rowMultiple
    let wanted = logitsByteLimit / max(4 * weights.rows, 1) / multiple * multiple
    let all = (hidden.rows + multiple - 1) / multiple * multiple
    let height = max(multiple, min(wanted, all))
    guard hidden.rows > 0 else { return }
    let buffer = FloatBuffer(count: height * weights.rows)
    var start = 0
    while start < hidden.rows {
      let rows = start..<min(start + height, hidden.rows)
      let padded = padded(hidden.rows(rows))
      let logits = Matrix(buffer, rows: padded.rows, columns: weights.rows)
      multiply(padded, transposed: weights, into: logits)
      body(rows, logits)
      start = rows.upperBound
    }
  }

  /// The rows with zero rows behind them up to a multiple of `rowMultiple`.
  private func padded(_ x: Matrix) -> Matrix {
    let height = (x.rows + rowMultiple - 1) / rowMultiple * rowMultiple
    guard height != x.rows else { return x }
    let padded = Matrix(rows: height, columns: x.columns)
    copy(x, to: padded.rows(0..<x.rows))
    return padded
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
  let value = (Double(logits[target]) - Double(largest)) * Double(inverse) - logSum
  var isArgmax = logits[target] == largest
  if isArgmax { for index in 0..<target where logits[index] == largest { isArgmax = false } }
  return (Float(value), Float(peak + logSum), Float(logSum - weighted / sum), isArgmax)
}
