public import Kernels

/// A decoder-only transformer of the llama family: weights, and passes through them forward and back.
///
/// One network for every architecture: an `Architecture` only says how a checkpoint maps onto it.
/// What is trained is float32; the engine that multiplies is `compute`'s choice.
public final class Transformer {
  /// What stands on top of the last hidden state.
  public enum Head: Sendable, Equatable {
    /// A distribution over the next token.
    case language
    /// One score for a sequence, read at its last token: a reward model.
    case score
  }

  public let shape: TransformerShape
  public let head: Head
  public let compute: Compute
  public let lowRank: LowRankConfiguration?
  /// The network's own weights in float32; whoever changes them calls `roundCopies`.
  public let base: ParameterSet
  /// The base's matrices as products read them in bfloat16: alone, or copies of those in `base` (`WeightForms`).
  let brainFloats: [String: BrainFloatMatrix]
  /// The adapter's matrices, and the score head where the base is frozen; nil without an adapter.
  public let adapter: ParameterSet?
  /// How many blocks, counted from the first, a backward pass computes again instead of keeping their activations.
  ///
  /// It changes memory and time, and no bit of a result (arXiv:1604.06174).
  public var recomputedLayers = 0

  let arena = Arena()
  /// A block's activations until they are rounded.
  let wideArena = Arena()
  let table: RotaryTable
  let blocks: [Block]
  /// [vocabulary, hidden].
  let embedding: WeightMatrix
  /// [1, hidden].
  let finalNorm: Matrix
  /// [vocabulary, hidden], or nil under a score head.
  let output: WeightMatrix?
  /// [1, hidden], or nil under a language head.
  let score: Matrix?

  /// A network with every weight zero and every gain zero: `load` fills it, or `initialize` where nothing is frozen.
  public init(
    shape: TransformerShape, head: Head = .language, lowRank: LowRankConfiguration? = nil,
    compute: Compute, forms: WeightForms = WeightForms()
  ) {
    self.shape = shape
    self.head = head
    self.lowRank = lowRank
    self.compute = compute
    let tensors = Transformer.baseTensors(shape, head: head, scoresInAdapter: lowRank != nil)
    let isTied = head == .language && shape.tiesEmbeddings
    func form(_ tensor: (name: String, shape: [Int])) -> WeightForms.Form {
      forms.form(of: tensor, isTied: isTied, compute.precision)
    }
    let base = ParameterSet(tensors.filter { form($0) != .bfloat16 })
    var brainFloats: [String: BrainFloatMatrix] = [:]
    let memory = WeightMemory()
    for tensor in tensors where form(tensor) != .float32 {
      brainFloats[tensor.name] = BrainFloatMatrix(
        rows: tensor.shape[0], columns: tensor.shape[1], in: memory)
    }
    let adapter = lowRank.map {
      ParameterSet(Transformer.adapterTensors(shape, head: head, $0))
    }
    self.base = base
    self.brainFloats = brainFloats
    self.adapter = adapter
    func tensor(_ name: String) -> Matrix? { base.matrix(name) ?? adapter?.matrix(name) }
    func existing(_ name: String) -> Matrix {
      guard let matrix = tensor(name) else { preconditionFailure("no tensor \(name)") }
      return matrix
    }
    /// What products read.
    func weight(_ name: String) -> WeightMatrix {
      brainFloats[name].map { .bfloat16($0) } ?? .float32(existing(name))
    }
    table = RotaryTable(
      frequencies: shape.rotary.frequencies(headDimension: shape.headDimension),
      maximumPosition: shape.maximumPosition)
    let embeddingName = Transformer.embeddingName
    embedding = base.matrix(embeddingName).map { .float32($0) } ?? weight(embeddingName)
    finalNorm = existing("model.norm.weight")
    output =
      head == .score
      ? nil : weight(shape.tiesEmbeddings ? embeddingName : "lm_head.weight")
    score = head == .score ? existing("score.weight") : nil
    blocks = (0..<shape.layerCount).map { layer in
      Block(
        shape: shape,
        attentionNorm: existing("model.layers.\(layer).input_layernorm.weight"),
        feedForwardNorm: existing("model.layers.\(layer).post_attention_layernorm.weight"),
        projections: Projections { projection in
          let path = projection.path(layer: layer)
          var linear = Linear(
            weight: weight(path + ".weight"), bias: tensor(path + ".bias"), adapter: nil)
          if let down = tensor(path + ".lora_A.weight"), let up = tensor(path + ".lora_B.weight"),
            let lowRank
          {
            linear.adapter = Linear.Adapter(down: down, up: up, scale: lowRank.scale)
          }
          return linear
        })
    }
  }

  /// What training changes: the adapter where there is one, else all weights.
  public var trainable: ParameterSet { adapter ?? base }

  /// Rounds again what bfloat16 products read, where the base's float32 weights may have changed.
  public func roundCopies() {
    for slot in base.slots {
      guard let copy = brainFloats[slot.name] else { continue }
      compute.round(base.view(of: slot, in: base.values), into: copy)
    }
  }

  /// A matrix of the base as it is kept, and not as products read it.
  func stored(_ name: String) -> WeightMatrix {
    if let matrix = base.matrix(name) { return .float32(matrix) }
    guard let matrix = brainFloats[name] else { preconditionFailure("no matrix \(name)") }
    return .bfloat16(matrix)
  }

  /// A matrix of the base that is kept in bfloat16 alone.
  func frozen(_ name: String) -> BrainFloatMatrix? {
    base.slot(name) == nil ? brainFloats[name] : nil
  }

  /// Gives back the memory of passes until the next one: what came from a pass cannot be gone back through any more.
  public func releaseActivations() {
    arena.release()
    wideArena.release()
  }

  /// A parameter that is float32, in the base or in the adapter.
  public func parameter(_ name: String) -> Matrix? {
    base.matrix(name) ?? adapter?.matrix(name)
  }
}
