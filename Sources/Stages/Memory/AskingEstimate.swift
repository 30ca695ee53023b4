import Artifacts
import Checkpoints
import Pipeline
import Transformers

/// What the plan of a run says of the memory of a stage that asks models and trains none.
struct AskingEstimate {
  let context: StageContext
  var bf16 = false
  /// The slots whose files are read.
  let data: [String]

  /// Of a stage with one `model` and one set of `data`; nil where either is not there yet, or the data are large.
  static func estimate(
    _ context: StageContext, bf16: Bool, _ demands: (_ path: String) throws -> [AskingDemand]
  ) -> StageEstimate? {
    let estimate = AskingEstimate(context: context, bf16: bf16, data: ["data"])
    guard let path = context.optionalInput("model"), context.optionalInput("data") != nil,
      estimate.isReadable
    else { return nil }
    return estimate.estimate([estimate.peak(path) { try demands(path) }])
  }

  /// Whether the data are there, and small enough to be read for a plan.
  var isReadable: Bool {
    let bytes = sizes
    return !bytes.contains(nil)
      && bytes.reduce(0) { $0 + ($1 ?? 0) } <= TrainingEstimate.readableBytes
  }

  /// Of each input file or folder; nil of one that is not there.
  private var sizes: [Int?] {
    data.flatMap { context.inputs($0) }.map { path in
      guard let status = try? Files.status(path) else { return nil }
      if status.kind == .regular { return status.size }
      return (try? FileTree(directory: path))?.entries.reduce(0) { $0 + $1.status.size }
    }
  }

  /// The most that one rank has in use to ask a model all this, in bytes; nil where the model is not there.
  func peak(
    _ path: String, head: Transformer.Head = .language, _ demands: () throws -> [AskingDemand]
  ) -> Int? {
    guard let directory = try? ModelDirectory(path: path), let demands = try? demands() else {
      return nil
    }
    var settings = TrainingSettings()
    settings.bf16 = bf16
    let tokenizer = directory.folder?.file("tokenizer.json")
    return AskingMemory(
      model: TrainingMemory(
        shape: directory.shape, head: head, settings: settings, load: StepLoad(),
        ranks: context.ranks, threads: context.threads, isFrozen: true,
        exact: directory.exactWeights(head: head),
        tokenizerBytes: tokenizer.flatMap { try? Files.status($0)?.size } ?? 0,
        dataBytes: sizes.reduce(0) { $0 + ($1 ?? 0) }),
      demands: demands
    ).bytes
  }

  /// Of models that are in memory one after the other; nil where one of them cannot be told.
  func estimate(_ peaks: [Int?]) -> StageEstimate? {
    let known = peaks.compactMap { $0 }
    guard known.count == peaks.count, let most = known.max() else { return nil }
    return StageEstimate(memory: context.ranks * most, memoryPerRank: most)
  }
}
