import Artifacts
import Checkpoints
import JSON
import Kernels
import OrderedCollections
import Transformers

/// What a training stage leaves: a model that transformers loads as it is, and a PEFT adapter.
struct ModelOutput {
  let transformer: Transformer
  let source: ModelDirectory
  /// What `config.json` says besides.
  var entries: OrderedDictionary<String, JSON> = [:]

  /// Weights (an adapter merged in), configuration, tokenizer, template, generation settings.
  func writeModel(to folder: String) throws {
    try transformer.save(to: folder, as: source.architecture)
    var configuration = transformer.savedConfiguration(
      from: source.configuration, as: source.architecture, elementType: .float32)
    for name in ["normalize_reward", "mean", "std"] where transformer.head == .score {
      // What another reward model's scores were like says nothing of this one's.
      configuration[name] = nil
    }
    for (name, value) in entries { configuration[name] = value }
    try write(configuration, "config.json", in: folder)
    try writeCompanions(to: folder)
  }

  /// The adapter alone, under PEFT's names.
  func writeAdapter(to folder: String) throws {
    guard let lowRank = transformer.lowRank, let adapter = transformer.adapter else { return }
    let modules = transformer.adapterModules(as: source.architecture)
    let whole = adapter.slots.filter { $0.name == "score.weight" }
    let writer = try AdapterWriter(
      folder: folder, configuration: configuration(lowRank, modules),
      modules: modules.map {
        AdapterWriter.Module(
          path: $0.path, rank: $0.rank, inputs: $0.inputs, outputs: $0.outputs)
      },
      wholeTensors: whole.map {
        TensorInformation(name: $0.name, elementType: .float32, shape: $0.shape)
      })
    for module in modules {
      let (down, up) = transformer.matrices(of: module)
      try down.buffer.withSpan(down.offset..<down.offset + down.count) { a throws in
        try up.buffer.withSpan(up.offset..<up.offset + up.count) { b throws in
          try writer.write(module.path, a: a, b: b)
        }
      }
    }
    for slot in whole {
      try adapter.values.withSpan(slot.range) { span throws in
        try writer.write(wholeTensor: slot.name, span)
      }
    }
    try writer.finish()
  }

  /// `adapter_config.json`, without a base's name.
  ///
  /// A path would make the bytes depend on where the model lay, and point to nothing once the stage's
  /// folder is gone; the name in the model's configuration may be that of the model it came from, and
  /// then PEFT would load another base without a word.
  private func configuration(
    _ lowRank: LowRankConfiguration, _ modules: [AdapterModule]
  ) -> AdapterConfiguration {
    var configuration = AdapterConfiguration()
    configuration.r = lowRank.rank
    configuration.loraAlpha = lowRank.alpha
    configuration.useRSLoRA = lowRank.isRankStabilized
    var names: [String] = []
    for module in modules {
      let name = String(module.path.split(separator: ".").last ?? "")
      guard !names.contains(name) else { continue }
      names.append(name)
      guard module.rank != lowRank.rank else { continue }
      // The scale stays: α'/r' = α/r, or α'/√r' = α/√r.
      let parts = Double(module.partCount)
      configuration.rankPattern.append((name, module.rank))
      configuration.alphaPattern.append(
        (name, lowRank.alpha * (lowRank.isRankStabilized ? parts.squareRoot() : parts)))
    }
    configuration.targetModules = .names(names)
    configuration.taskType = transformer.head == .score ? "SEQ_CLS" : "CAUSAL_LM"
    configuration.modulesToSave = transformer.head == .score ? ["score"] : []
    return configuration
  }

  private func writeCompanions(to folder: String) throws {
    if let embedded = try source.embeddedTokenizer() {
      try write(embedded.tokenizer, "tokenizer.json", in: folder)
      try write(embedded.configuration, "tokenizer_config.json", in: folder)
      return
    }
    for name in source.folder?.companionFiles ?? [] {
      guard let path = source.folder?.file(name) else { continue }
      let target = folder + "/" + name
      try Files.makeDirectory(Files.directory(of: target))
      try Files.copy(path, to: target)
    }
  }

  private func write(_ json: JSON, _ name: String, in folder: String) throws {
    try Files.replace(folder + "/" + name, with: Array((json.serialized(.pretty) + "\n").utf8))
  }
}
