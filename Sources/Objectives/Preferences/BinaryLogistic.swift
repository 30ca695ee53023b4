/// −(1−ε) log σ(z) − ε log σ(−z) and its slope in z: a comparison that is believed wrong with probability ε.
func smoothedLogistic(_ z: Double, _ smoothing: Double) -> (loss: Double, slope: Double) {
  let loss = -(1 - smoothing) * logSigmoid(z) - smoothing * logSigmoid(-z)
  return (loss, smoothing * sigmoid(z) - (1 - smoothing) * sigmoid(-z))
}

/// The slope of σ: σ(x) σ(−x).
func sigmoidSlope(_ x: Double) -> Double { sigmoid(x) * sigmoid(-x) }
