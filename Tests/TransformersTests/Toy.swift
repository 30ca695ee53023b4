import Checkpoints
import Foundation
import JSON
import Kernels
import Randomness
import Transformers

/// Networks small enough for finite differences.
enum Toy {
  static func shape(
    tied: Bool = false, bias: Bool = false, keyValueHeads: Int = 2, vocabulary: Int = 24
  ) -> TransformerShape {
    TransformerShape(
      vocabularySize: vocabulary, hiddenSize: 16, intermediateSize: 24, layerCount: 2,
      queryHeads: 4, keyValueHeads: keyValueHeads, headDimension: 4, normEpsilon: 1e-5,
      rotary: RotaryConfiguration(base: 100), maximumPosition: 64, tiesEmbeddings: tied,
      hasQueryKeyValueBias: bias, initializerRange: 0.3)
  }

  static func network(
    _ shape: TransformerShape = shape(), head: Transformer.Head = .language,
    lowRank: LowRankConfiguration? = nil, compute: Compute = Compute(), seed: UInt64 = 1
  ) -> Transformer {
    let network = Transformer(shape: shape, head: head, lowRank: lowRank, compute: compute)
    network.initialize(seed: seed)
    network.initializeAdapter(seed: seed)
    let random = CoordinateRandom(seed: seed, stream: "toy")
    // What starts at zero or one would hide mistakes.
    for (index, set) in [network.base, network.adapter].enumerated() {
      for slot in set?.slots ?? [] where !slot.name.hasSuffix("_A.weight") {
        for place in slot.range {
          set?.values[place] += 0.2 * Float(random.normal(UInt64(place), UInt64(index)))
        }
      }
    }
    network.roundCopies()
    return network
  }

  /// Sequences of the given lengths; every second token from the second on is a target.
  static func sequences(_ lengths: [Int], vocabulary: Int = 24) -> [TargetSequence] {
    let random = CoordinateRandom(seed: 7, stream: "toy tokens")
    return lengths.enumerated().map { row, length in
      TargetSequence(
        tokens: (0..<length).map {
          Int32(random.below(vocabulary, UInt64(row), UInt64($0)))
        }, targets: Array(stride(from: 1, to: length, by: 2)))
    }
  }

  static func configuration(_ shape: TransformerShape, modelType: String) -> JSON {
    [
      "model_type": .string(modelType), "vocab_size": .integer(shape.vocabularySize),
      "hidden_size": .integer(shape.hiddenSize),
      "intermediate_size": .integer(shape.intermediateSize),
      "num_hidden_layers": .integer(shape.layerCount),
      "num_attention_heads": .integer(shape.queryHeads),
      "num_key_value_heads": .integer(shape.keyValueHeads),
      "max_position_embeddings": .integer(shape.maximumPosition), "rms_norm_eps": 1e-5,
      "rope_theta": 100.0, "tie_word_embeddings": .bool(shape.tiesEmbeddings),
    ]
  }
}

func withTemporaryFolder(_ body: (String) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("transformers-\(UUID().uuidString)").path
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  try body(folder)
}

func write(_ json: JSON, _ path: String) throws {
  try Data(json.serialized(.pretty).utf8).write(to: URL(fileURLWithPath: path))
}

/// Weights and configuration, as a stage writes them.
func save(
  _ network: Transformer, _ directory: ModelDirectory, in folder: String,
  elementType: ElementType = .float32
) throws {
  try network.save(to: folder, as: directory.architecture, elementType: elementType)
  let configuration = network.savedConfiguration(
    from: directory.configuration, as: directory.architecture, elementType: elementType)
  try write(configuration, folder + "/config.json")
}
