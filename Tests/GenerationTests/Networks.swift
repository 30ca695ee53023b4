import Foundation
import Kernels
import Randomness
import Transformers

@testable import Generation

/// Networks to generate with.
enum Networks {
  /// The golden model of the transformers' tests.
  static func tiny(threads: Int = 1) throws -> Transformer {
    let tests = (#filePath as NSString).deletingLastPathComponent + "/.."
    return try ModelDirectory(path: tests + "/TransformersTests/Goldens/tiny").load(
      compute: Compute(threads: threads))
  }

  static func toy(maximumPosition: Int = 64) -> Transformer {
    let shape = TransformerShape(
      vocabularySize: 24, hiddenSize: 16, intermediateSize: 24, layerCount: 2, queryHeads: 4,
      keyValueHeads: 2, headDimension: 4, normEpsilon: 1e-5,
      rotary: RotaryConfiguration(base: 100), maximumPosition: maximumPosition,
      tiesEmbeddings: false, hasQueryKeyValueBias: false, initializerRange: 0.3)
    let network = Transformer(shape: shape, compute: Compute())
    network.initialize(seed: 3)
    return network
  }

  static func prompts(_ count: Int) -> [GenerationRequest] {
    let random = CoordinateRandom(seed: 2, stream: "prompts")
    return (0..<count).map { index in
      let length = 1 + random.below(9, UInt64(index))
      return GenerationRequest(
        prompt: (0..<length).map { Int32(random.below(24, UInt64(index), UInt64($0 + 1))) },
        promptID: UInt64(index), sample: UInt32(index % 3))
    }
  }
}
