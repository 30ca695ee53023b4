/// What time is spent on: the rows of a profile.
public enum Activity: String, Sendable, CaseIterable {
  // What a stage does, one after the other.
  case data
  case loading
  case reference
  case sampling
  case rewards
  case step
  case writing

  // What all of that consists of.
  /// y = xWᵀ.
  case product = "product x·Wᵀ"
  /// dx = dy·W.
  case inputGradient = "product dy·W"
  /// dW = dyᵀ·x.
  case weightGradient = "product dyᵀ·x"
  /// y = xWᵀ from packed weights, as decoding multiplies.
  case packedProduct = "product, packed"
  case packing
  case attention
  case attentionBackward = "attention, backward"
  case cachedAttention = "attention, cached"
  case norm
  case normBackward = "norm, backward"
  case rotary
  case swiGLU = "SwiGLU"
  case swiGLUBackward = "SwiGLU, backward"
  /// Logits to log-probabilities and back; products in it are rows below it.
  case logSoftmax = "log-softmax"
  case optimizer
  case gradientNorm = "gradient norm"
  case sums = "sums, copies"
  case drawing = "drawing tokens"
  /// Sending, receiving, and waiting for the other ranks.
  case ranks
}
