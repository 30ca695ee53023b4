import Kernels
import Transformers

/// One thing that a model is asked.
enum AskingDemand: Equatable {
  case answers(SamplingMemory)
  /// Passes over fixed sequences, of each count the most that any has.
  case passes(StepLoad)
}

/// The most memory that one rank of a stage has in use that asks a model and trains none, in bytes.
///
/// peak = program + (packed weights + cache + pass over prompts) + (weights + one layer's pass + scratch)
///
/// What is in the first brackets is for answers, in the second for passes over fixed sequences; who is asked for both holds both,
/// since the heap keeps what a cache leaves.
struct AskingMemory {
  /// The model and the files that are read; its load is not looked at.
  let model: TrainingMemory
  let demands: [AskingDemand]

  var bytes: Int {
    var (drawing, passing) = (0, 0)
    for demand in demands {
      switch demand {
      case .answers(let sampling):
        let packed = model.packedBytes(as: sampling.format) + tableBytes
        drawing = max(drawing, sampling.bytes(model.shape, packed: packed))
      case .passes(let load):
        passing = max(passing, model.baseBytes(isFrozen: true) + passBytes(load))
      }
    }
    return model.program + drawing + passing
  }

  /// Computing in bfloat16 reads tokens' vectors unrounded.
  private var tableBytes: Int {
    guard model.settings.bf16 else { return 0 }
    let isExact = model.exact.contains(Transformer.embeddingName)
    return (isExact ? 2 : 4) * model.shape.vocabularySize * model.shape.hiddenSize
  }

  /// One block's rows at a time; then chunks of logits, of keys and values, packed panels for each thread.
  private func passBytes(_ load: StepLoad) -> Int {
    var model = model
    model.load = load
    let padded = (model.shape.headDimension + 15) / 16 * 16
    let hidden = model.head == .language ? load.targets * model.shape.hiddenSize : 0
    let chunks = 2 * model.shape.keyValueHeads * load.chunkedPositions * padded
    let panels = model.threads * 2 * TrainingMemory.productRoom
    return 4
      * (model.passCount + hidden + model.logitsCount + chunks + panels
        + model.brainFloatCount)
  }
}
