extension Compute {
  /// The way back of `targetLogProbabilities`, given dL/dlogp of each row.
  ///
  /// The logits are computed again; dlogits = slope · (onehot − p) / temperature. `hiddenGradient` [n, D]
  /// is overwritten, `weightGradient` [V, D] added to.
  public func targetLogProbabilitiesBackward(
    _ hidden: Matrix, weights: WeightMatrix, targets: [Int32], temperature: Float = 1,
    logSumExp: [Float], slopes: [Float], hiddenGradient: Matrix, weightGradient: Matrix?
  ) {
    checkTargets(targets, hidden, weights, temperature)
    hiddenGradient.requireShape(hidden.rows, hidden.columns, "the hidden states' gradient")
    weightGradient?.requireShape(weights.rows, weights.columns, "the projection's gradient")
    precondition(
      logSumExp.count == hidden.rows && slopes.count == hidden.rows,
      "\(logSumExp.count) sums and \(slopes.count) slopes for \(hidden.rows) rows")
    let inverse = 1 / temperature
    let vocabulary = weights.rows
    overLogits(hidden, weights) { rows, chunk in
      let logits = chunk.writable
      spreadRows(rows.count, columns: vocabulary) { range in
        for index in range {
          let row = rows.lowerBound + index
          turn(
            logits + index * vocabulary, vocabulary, target: Int(targets[row]), inverse: inverse,
            logSumExp: logSumExp[row], slope: slopes[row])
        }
      }
      take(
        HeadGradient(slopes: slopes, hidden: hiddenGradient, weights: weightGradient), rows, chunk,
        hidden, weights)
    }
  }
}

/// Logits to their gradient, in place.
func turn(
  _ line: UnsafeMutablePointer<Float>, _ count: Int, target: Int, inverse: Float,
  logSumExp: Float, slope: Float
) {
  guard slope != 0 else { return line.clear(count) }
  let (shift, factor) = (Lanes(repeating: logSumExp), Lanes(repeating: -slope * inverse))
  @inline(__always) func turn(_ index: Int, _ lanes: Int) {
    let x = UnsafePointer(line).some(at: index, count: lanes)
    line.some(exponential(x * inverse - shift) * factor, at: index, count: lanes)
  }
  overLanes(0..<count, turn)
  line[target] += slope * inverse
}
