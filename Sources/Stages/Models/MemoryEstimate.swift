import Pipeline
import Transformers

/// What training a model takes, from its shape alone: nothing is read but `config.json`.
struct MemoryEstimate {
  let shape: TransformerShape
  let settings: TrainingSettings
  /// Sequences of one example that share a micro-batch whatever its budget: two for a pair.
  var sequencesPerExample = 1
  /// Other models in memory, such as a reference.
  var frozenCopies = 0

  /// Numbers in the network.
  private var parameters: Int {
    let attention = shape.hiddenSize * (2 * shape.queryWidth + 2 * shape.keyValueWidth)
    let feedForward = 3 * shape.hiddenSize * shape.intermediateSize
    let embeddings = shape.vocabularySize * shape.hiddenSize * (shape.tiesEmbeddings ? 1 : 2)
    return embeddings + shape.layerCount * (attention + feedForward + 2 * shape.hiddenSize)
  }

  /// Numbers that are trained.
  private var trained: Int {
    guard let lora = settings.lora else { return parameters }
    let perLayer = Projection.allCases.filter { lora.configuration.adapts($0) }.reduce(0) {
      let size = $1.size(in: shape)
      return $0 + lora.r * (size.inputs + size.outputs)
    }
    return shape.layerCount * perLayer
  }

  /// Numbers that one token leaves behind in each layer.
  private var activationsPerToken: Int {
    let kept =
      2 * shape.hiddenSize + 2 * shape.queryWidth + 2 * shape.keyValueWidth
      + 2 * shape.intermediateSize
    let scratch = 3 * shape.intermediateSize + 4 * shape.hiddenSize + 2 * shape.queryWidth
    return settings.gradientCheckpointing
      ? shape.layerCount * shape.hiddenSize + kept + scratch
      : shape.layerCount * (kept + shape.hiddenSize) + scratch
  }

  /// The highest use of one rank by itself, in bytes: weights, gradient, two moments, the activations
  /// of a micro-batch, a chunk of logits.
  var bytes: Int {
    let tokens = max(settings.microBatchTokens, sequencesPerExample * settings.maxLength)
    let weights = parameters * (1 + frozenCopies)
    let optimizer = trained * (settings.lora == nil ? 3 : 4)
    // A batch of several micro-batches adds them up pairwise: two gradients stand beside each other.
    let spare = trained
    let logits = min(1 << 24, tokens * shape.vocabularySize)
    return 4 * (weights + optimizer + spare + tokens * activationsPerToken + 2 * logits)
  }

  /// An estimate for the plan; nil where the model is not there to be looked at.
  static func stage(
    _ settings: TrainingSettings, inputs: [String: [String]], sequencesPerExample: Int = 1,
    frozenCopies: Int = 0
  ) -> StageEstimate? {
    guard let path = inputs["model"]?.first, let model = try? ModelDirectory(path: path) else {
      return nil
    }
    let estimate = MemoryEstimate(
      shape: model.shape, settings: settings, sequencesPerExample: sequencesPerExample,
      frozenCopies: frozenCopies)
    return StageEstimate(
      memory: estimate.bytes, disk: 4 * (estimate.parameters + 3 * estimate.trained))
  }
}
