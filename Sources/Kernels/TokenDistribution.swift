import Glibc

/// The distribution over the next token that a row of logits means.
///
/// A log-probability read here has the bits that `targetLogProbabilities` gives the same logits: what
/// sampling reports is what training computes.
public struct TokenDistribution {
  private let logits: UnsafePointer<Float>
  private let owner: FloatBuffer
  private let count: Int
  private let inverse: Float
  private let largest: Float
  private let sum: Double

  /// Logits are divided by `temperature`, which is above zero.
  public init(_ logits: Matrix, row: Int, temperature: Float) {
    precondition(row >= 0 && row < logits.rows, "no row \(row) of \(logits.rows)")
    precondition(temperature > 0, "logits cannot be divided by \(temperature)")
    self.logits = logits.pointer + row * logits.columns
    owner = logits.buffer
    count = logits.columns
    inverse = 1 / temperature
    (largest, sum, _) = sumPowers(self.logits, count, inverse: inverse, wantsEntropy: false)
  }

  /// log p(token), in nats.
  public func logProbability(_ token: Int) -> Float {
    precondition(token >= 0 && token < count, "no token \(token) of \(count)")
    defer { withExtendedLifetime(owner) {} }
    return logProbabilityOf(logits[token], largest: largest, inverse: inverse, logSum: log(sum))
  }

  /// The first of the most likely tokens below `limit`.
  public func mostLikely(below limit: Int) -> Int {
    let limit = min(limit, count)
    precondition(limit > 0, "no token below \(limit)")
    defer { withExtendedLifetime(owner) {} }
    let peak = limit == count ? largest : maximum(logits, limit)
    for token in 0..<limit where logits[token] == peak { return token }
    return 0
  }

  /// A token below `limit` by its probability: the first whose cumulated share exceeds `uniform`.
  ///
  /// Sums run in the order of tokens, block by block, in double precision.
  public func draw(_ uniform: Double, below limit: Int) -> Int {
    let limit = min(limit, count)
    precondition(limit > 0, "no token below \(limit)")
    defer { withExtendedLifetime(owner) {} }
    let starts = stride(from: 0, to: limit, by: TokenDistribution.block)
    let shares = starts.map { start in
      powers(start..<min(start + TokenDistribution.block, limit)) { $1 }
    }
    let threshold = uniform * shares.reduce(0, +)
    var before = 0.0
    for (start, share) in zip(starts, shares) where share > 0 {
      let range = start..<min(start + TokenDistribution.block, limit)
      if before + share > threshold {
        let found = powers(range) { powers, _ -> Int? in
          var sum = before
          for (place, power) in powers.enumerated() {
            sum += Double(power)
            if power > 0, sum > threshold { return start + place }
          }
          return nil
        }
        if let found { return found }
      }
      before += share
    }
    // Rounding has left the threshold above the sum.
    return mostLikely(below: limit)
  }

  private static let block = 512

  /// e^z of some tokens, and their sum.
  private func powers<Result>(
    _ range: Range<Int>, _ body: (UnsafeBufferPointer<Float>, Double) -> Result
  ) -> Result {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: TokenDistribution.block) { room in
      guard let target = room.baseAddress else {
        preconditionFailure("no room for \(TokenDistribution.block) numbers")
      }
      let shift = Lanes(repeating: largest)
      var sums = Lanes()
      @inline(__always) func add(_ index: Int, _ lanes: Int) {
        let x =
          lanes == 8
          ? logits.lanes(at: index) : logits.lanes(at: index, count: lanes, padding: -.infinity)
        let power = exponential((x - shift) * inverse)
        target.some(power, at: index - range.lowerBound, count: lanes)
        sums += power
      }
      overLanes(range, add)
      let powers = UnsafeBufferPointer(start: UnsafePointer(target), count: range.count)
      return body(powers, Double(sums.total))
    }
  }
}

/// log p from a logit, the row's largest and the logarithm of its sum of powers.
func logProbabilityOf(_ logit: Float, largest: Float, inverse: Float, logSum: Double) -> Float {
  Float((Double(logit) - Double(largest)) * Double(inverse) - logSum)
}
