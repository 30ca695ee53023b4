import Kernels
import Transformers

extension TrainingMemory {
  /// The base once more, packed for decoding, in bytes; without a format in the numbers that it is kept in.
  ///
  /// Scales count with the numbers that share them; the vocabulary's matrices are kept in 8 bits at least.
  func packedBytes(as format: PackedWeights.Format?) -> Int {
    let weights = counts.base
    switch format ?? (settings.bf16 ? .bfloat16 : .float32) {
    case .float32: return baseBytes(isFrozen: isFrozen)
    case .bfloat16:
      // Of block floating point 32 words and what they are worth.
      return settings.bf16 && !Compute.multipliesBrainFloats ? weights * 33 / 16 : 2 * weights
    case .int8: return weights * 17 / 16
    case .int4:
      let table = shape.vocabularySize * shape.hiddenSize * (shape.tiesEmbeddings ? 1 : 2)
      return (weights - table) * 5 / 8 + table * 17 / 16
    }
  }
}
