import Checkpoints
import Collectives
import Kernels
import Transformers

/// The most memory that one rank of a training stage has in use, in bytes: the formula of the plan.
///
/// peak = program + weights + frozen copies + gradients + moments + scratch + max(activations, sampling)
///
/// All numbers are float32, but for weights that are kept in two bytes, or in two bytes more. It is told from the model's
/// shape, the settings and the largest micro-batch; docs/memory-and-time.md holds it against what was measured.
struct TrainingMemory {
  let shape: TransformerShape
  var head = Transformer.Head.language
  let settings: TrainingSettings
  var load: StepLoad
  var ranks = 1
  var threads = 1
  /// Whether the network's own weights stay as they are.
  var isFrozen = false
  /// Which of them the checkpoint has in bfloat16.
  var exact: Set<String> = []
  /// Another model in memory, of the same shape and from a checkpoint of the same types.
  var companion: Companion?
  /// What answers are drawn with between the steps.
  var sampling: SamplingMemory?
  /// Bytes of files that are read into structures: the tokenizer and the data.
  var tokenizerBytes = 0
  var dataBytes = 0

  /// A model that stands beside the one that is trained.
  enum Companion: Equatable {
    /// A reference that stays as it is.
    case frozen
    /// One that follows the policy.
    case moving
  }

  /// The peak where the first `recomputed` layers keep no activations.
  func bytes(recomputed: Int) -> Int { parts(recomputed: recomputed).reduce(0) { $0 + $1.bytes } }

  /// What the peak consists of.
  func parts(recomputed: Int) -> [(name: String, bytes: Int)] {
    let activations = 4 * activationCount(recomputed: recomputed)
    let sampling = sampling.map(bytes) ?? 0
    return [
      ("program", program), ("weights", baseBytes(isFrozen: isFrozen) + 4 * counts.adapter),
      ("frozen copies", companionBytes),
      ("gradients", 4 * gradientCount), ("moments", 4 * momentCount), ("scratch", 4 * scratchCount),
      sampling > activations ? ("sampling", sampling) : ("activations", activations),
    ]
  }

  /// What drawing answers takes.
  func bytes(_ sampling: SamplingMemory) -> Int {
    sampling.bytes(
      shape, packed: packedBytes(as: sampling.format), perRow: 4 * recordedPerRow)
  }

  /// Code, tokenizer and rows: measured, about 34 MiB and some times the files; 24 MiB more where ranks meet.
  var program: Int {
    34 << 20 + 4 * tokenizerBytes + 6 * dataBytes + (ranks > 1 ? 24 << 20 : 0)
  }

  var counts: (base: Int, adapter: Int) {
    Transformer.parameterCounts(shape, head: head, lowRank: settings.lora?.configuration)
  }

  func baseBytes(isFrozen: Bool) -> Int {
    Transformer.baseBytes(
      shape, head: head, hasAdapter: settings.lora != nil,
      forms: WeightForms(isFrozen: isFrozen, exact: exact),
      precision: settings.precision)
  }

  private var companionBytes: Int {
    companion.map { baseBytes(isFrozen: $0 == .frozen) + 4 * passCount } ?? 0
  }

  /// What the stage writes: a model, and a checkpoint of what is trained with its moments.
  var diskBytes: Int { 4 * (counts.base + 3 * trainedCount) }

  private var trainedCount: Int { settings.lora == nil ? counts.base : counts.adapter }

  /// Every rank has gradients of all; sums of micro-batches wait for each other.
  private var gradientCount: Int {
    let leaves = SummationTree.leafRange(count: load.microBatches, rank: 0, size: ranks).count
    return trainedCount * SummationTree.vectorCount(leaves: leaves)
  }

  /// Ranks share the moments.
  private var momentCount: Int { 2 * ((trainedCount + ranks - 1) / ranks) }

  // MARK: Activations, in numbers

  /// What a block keeps of a row: keys and values and, where the row goes on, queries and attention's output, the sum
  /// between, gate and up, and a few numbers for norms and heads.
  private var keptPerRow: Int { seenPerRow + goingOnPerRow }

  /// In two bytes a number while it waits with `bf16`: attention's output, gate and up.
  private var widePerRow: Int { shape.queryWidth + 2 * shape.intermediateSize }

  private var seenPerRow: Int { 2 * shape.keyValueWidth + 1 }

  private var goingOnPerRow: Int {
    2 * shape.queryWidth + shape.hiddenSize + 2 * shape.intermediateSize + shape.queryHeads + 1
  }

  /// What sampling leaves of a token for the way back.
  private var recordedPerRow: Int {
    shape.layerCount * keptPerRow + (shape.layerCount + 2) * shape.hiddenSize
  }

  /// What a block's way back writes of a row and forgets.
  private var backwardPerRow: Int {
    let feedForward = 3 * shape.intermediateSize + 2 * shape.hiddenSize
    let attention = 2 * shape.queryWidth + 2 * shape.keyValueWidth + 2 * shape.hiddenSize
    return max(feedForward, attention) + (settings.lora?.r ?? 0)
  }

  /// The arena of a pass forward and back: each block's input, what is kept, the gradients on the way.
  private func activationCount(recomputed: Int) -> Int {
    let kept = shape.layerCount - recomputed
    // The last block goes on with fewer rows; it is the last to be computed again.
    let spared = kept > 0 ? load.rows - (head == .language ? load.read : load.sequences) : 0
    // A block that is computed again has its activations and its output once more while it goes back.
    let again = recomputed > 0 ? keptPerRow + shape.hiddenSize : 0
    let perRow =
      (shape.layerCount + 1) * shape.hiddenSize + kept * keptPerRow + again + backwardPerRow
      + 3 * shape.hiddenSize
    // What waits in halves is whole for one block, in room of its own on either way.
    let halved = settings.bf16 ? widePerRow / 2 : 0
    let whole = settings.bf16 && kept > 0 ? (recomputed > 0 ? 1 : 2) * widePerRow : 0
    return load.rows * (perRow - kept * halved + whole) - spared * (goingOnPerRow - halved)
      + (head == .language ? 2 * load.targets * shape.hiddenSize : 0)
  }

  /// The arena of a pass that is not gone back through: one block at a time.
  var passCount: Int {
    load.rows * (keptPerRow + 5 * shape.hiddenSize + shape.intermediateSize)
  }

  // MARK: What kernels borrow, in numbers

  private var scratchCount: Int {
    attentionCount + logitsCount + threads * 2 * Self.productRoom + gradientPanelCount
      + brainFloatCount
  }

  /// The panels of a weight's gradient, which threads share: at most sixteen megabytes of the widest layer's input.
  private var gradientPanelCount: Int {
    let outputs = settings.lora?.r ?? shape.hiddenSize
    guard outputs >= 12 * threads else { return 0 }
    return min(1 << 22, min(load.rows, 2048) * shape.intermediateSize)
  }

  /// A thread's packed panels of a product.
  static let productRoom = 5 << 17

  /// Chunks of keys and values for the pass forward and for the way back, and each head's share of their gradients.
  private var attentionCount: Int {
    let (dimension, padded) = (shape.headDimension, (shape.headDimension + 15) / 16 * 16)
    return shape.keyValueHeads * load.chunkedPositions * (3 * dimension + 2 * padded)
      + 2 * shape.queryHeads * load.positions * padded
  }

  var logitsCount: Int {
    guard head == .language else { return 0 }
    let rows = max(1, Compute().logitsByteLimit / (4 * shape.vocabularySize))
    return min(rows, load.targets) * shape.vocabularySize
  }

  /// What oneDNN's products round: activations in the widest layer, and the gradient of a chunk of logits, both in two bytes;
  /// weights were rounded beforehand.
  var brainFloatCount: Int {
    guard settings.bf16, Compute.multipliesBrainFloats else { return 0 }
    return load.rows * shape.intermediateSize + logitsCount
  }
}
