import Glibc

/// 1 / (1 + e⁻ˣ), without overflow at either end.
func sigmoid(_ x: Double) -> Double {
  guard x < 0 else { return 1 / (1 + exp(-x)) }
  let e = exp(x)
  return e / (1 + e)
}

/// log σ(x), without overflow: at 0 it is −ln 2 to the last bit.
func logSigmoid(_ x: Double) -> Double {
  min(x, 0) - log1p(exp(-abs(x)))
}

/// The log-probability of a completion: its tokens' added from the first to the last, in Double.
///
/// Reference log-probabilities must be summed by this function too: then a policy equal to its reference differs from it by
/// exactly nothing.
public func summedLogProbability(_ tokens: some Sequence<Float>) -> Double {
  var sum = 0.0
  for token in tokens { sum += Double(token) }
  return sum
}
