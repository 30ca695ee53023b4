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
/// peak = program + packed weights + pass over prompts + cache + weights + one layer's pass + scratch
///
/// The first form of the weights, with what follows it, is for answers, the second for passes over fixed sequences: what has been
/// asked for both holds both, but for the cache, which goes with its answers.
struct AskingMemory {
  /// The model and the files that are read; its load is not looked at.
  let model: TrainingMemory
  /// In the order in which they are asked.
  let demands: [AskingDemand]

  var bytes: Int {
    let shape = model.shape
    var (packed, drawing, weights, passing, peak) = (0, 0, 0, 0, 0)
    for demand in demands {
      var cache = 0
      switch demand {
      case .answers(let sampling):
        packed = sampling.packedBytes(shape, model.counts.base, model.settings) + tableBytes
        drawing = max(drawing, sampling.passBytes(shape))
        cache = sampling.cacheBytes(shape)
      case .passes(let load):
        weights = 4 * model.counts.base
        passing = max(passing, passBytes(load))
      }
      peak = max(peak, packed + drawing + cache + weights + passing)
    }
    return model.program + peak
  }

  /// Computing in bfloat16 reads tokens' vectors unrounded.
  private var tableBytes: Int {
    model.settings.bf16 ? 4 * model.shape.vocabularySize * model.shape.hiddenSize : 0
  }

  /// One block's rows at a time; then chunks of logits, pages of keys and values, packed panels for each thread.
  private func passBytes(_ load: StepLoad) -> Int {
    var model = model
    model.load = load
    let padded = (model.shape.headDimension + 15) / 16 * 16
    let hidden = model.head == .language ? load.targets * model.shape.hiddenSize : 0
    let pages = 2 * model.shape.keyValueHeads * load.pagedPositions * padded
    let panels = model.threads * 2 * TrainingMemory.productRoom
    let rounded = model.settings.bf16 ? model.brainFloatCount : 0
    return 4 * (model.passCount + hidden + model.logitsCount + pages + panels + rounded)
  }
}
