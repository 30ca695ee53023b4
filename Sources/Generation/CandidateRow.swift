import Glibc
import Kernels

/// A row of logits under penalties and filters, from which a token is drawn.
struct CandidateRow {
  private let parameters: SamplingParameters
  /// Logits over the temperature; then powers.
  private var row: [Float]

  /// The tokens below `limit`.
  init(_ logits: Matrix, row: Int, limit: Int, parameters: SamplingParameters) {
    self.parameters = parameters
    let inverse = Float(1 / parameters.scoringTemperature)
    let start = logits.offset + row * logits.columns
    self.row = logits.buffer.array(start..<start + limit)
    for index in self.row.indices { self.row[index] *= inverse }
  }

  /// The most likely token, or one by `uniform` among those that the filters keep.
  mutating func next(_ prompt: [Int32], _ completion: [Int32], uniform: () -> Double) -> Int {
    if parameters.hasPenalties {
      penalize(prompt, completion, scale: Float(1 / parameters.scoringTemperature))
    }
    let largest = row.max() ?? 0
    return parameters.temperature == 0
      ? row.firstIndex(of: largest) ?? 0 : draw(largest, uniform())
  }

  private mutating func penalize(_ prompt: [Int32], _ completion: [Int32], scale: Float) {
    if parameters.repetitionPenalty != 1 {
      let penalty = Float(parameters.repetitionPenalty)
      for token in Set(prompt).union(completion).sorted() where row.indices.contains(Int(token)) {
        let value = row[Int(token)]
        row[Int(token)] = value > 0 ? value / penalty : value * penalty
      }
    }
    // Sorted, a token's occurrences stand together, and no hash decides an order.
    let sorted = completion.sorted()
    for (index, token) in sorted.enumerated() where row.indices.contains(Int(token)) {
      let isFirst = index == 0 || sorted[index - 1] != token
      let penalty = (isFirst ? parameters.presencePenalty : 0) + parameters.frequencyPenalty
      row[Int(token)] -= Float(penalty) * scale
    }
  }

  /// A token with probability proportional to `exp(row)` among those that the filters keep.
  ///
  /// Sums run in the order of token ids, or of falling probability with ties by id: the same on
  /// every machine.
  private mutating func draw(_ largest: Float, _ uniform: Double) -> Int {
    for index in row.indices { row[index] = exp(row[index] - largest) }
    guard parameters.topK > 0 || parameters.topP < 1 || parameters.minP > 0 else {
      return pick(row.indices, uniform)
    }
    let total = row.reduce(0.0) { $0 + Double($1) }
    var kept = candidates(total)[...]
    kept.sort { row[$0] > row[$1] || (row[$0] == row[$1] && $0 < $1) }
    if parameters.topK > 0 { kept = kept.prefix(parameters.topK) }
    if parameters.topP < 1 {
      kept = nucleus(kept, parameters.topK > 0 ? kept.reduce(0.0) { $0 + Double(row[$1]) } : total)
    }
    // The most likely token has e^0.
    if parameters.minP > 0 { kept = kept.prefix { row[$0] >= Float(min(parameters.minP, 1)) } }
    return pick(kept, uniform)
  }

  /// The most likely tokens, in the order of ids: all that the filters can keep, and few others, since
  /// sorting a whole vocabulary for every token would cost more than a small network.
  private func candidates(_ total: Double) -> [Int] {
    var cutoff: Float = 0.01
    while cutoff > 1e-9 {
      let kept = row.indices.filter { row[$0] >= cutoff }
      let isEnough =
        parameters.topK > 0
        ? kept.count >= parameters.topK
        : parameters.topP < 1
          ? kept.reduce(0.0) { $0 + Double(row[$1]) } >= parameters.topP * total
          : cutoff <= Float(parameters.minP)
      if isEnough { return kept }
      cutoff /= 32
    }
    return Array(row.indices)
  }

  /// The shortest beginning of `tokens` whose probabilities reach `topP` of `total`.
  private func nucleus(_ tokens: ArraySlice<Int>, _ total: Double) -> ArraySlice<Int> {
    var sum = 0.0
    for (count, token) in tokens.enumerated() {
      sum += Double(row[token])
      if sum >= parameters.topP * total { return tokens.prefix(count + 1) }
    }
    return tokens
  }

  private func pick(_ tokens: some Collection<Int>, _ uniform: Double) -> Int {
    var total = 0.0
    for token in tokens { total += Double(row[token]) }
    let threshold = uniform * total
    var sum = 0.0
    var last = 0
    for token in tokens where row[token] > 0 {
      sum += Double(row[token])
      last = token
      if sum > threshold { return token }
    }
    return last
  }
}
