import Glibc

extension Compute {
  /// The place of the first largest number of a row [1, V].
  public func argmax(_ row: Matrix) -> Int {
    precondition(row.rows == 1 && row.columns > 0, "no largest number in \(row.shape)")
    let values = row.pointer
    let largest = maximum(values, row.columns)
    for index in 0..<row.columns where values[index] == largest { return index }
    return 0
  }

  /// Turns logits [1, V] into log-probabilities at a temperature, in place; returns the log-sum-exp.
  @discardableResult
  public func logSoftmax(_ row: Matrix, temperature: Float = 1) -> Float {
    precondition(row.rows == 1 && row.columns > 0, "no distribution in \(row.shape)")
    precondition(temperature > 0, "logits cannot be divided by \(temperature)")
    let values = row.writable
    let inverse = 1 / temperature
    let measure = sumPowers(values, row.columns, inverse: inverse, wantsEntropy: false)
    let shift = Float(log(measure.sum))
    for index in 0..<row.columns {
      values[index] = (values[index] - measure.largest) * inverse - shift
    }
    return Float(Double(measure.largest) * Double(inverse) + log(measure.sum))
  }
}
