import Artifacts
import Checkpoints
import JSON
import Kernels
import Transformers

/// What a training stage leaves: a model that transformers loads as it is, and a PEFT adapter.
struct ModelOutput {
  let transformer: Transformer
  let source: ModelDirectory

  /// Weights (an adapter merged in), configuration, tokenizer, template, generation settings.
  func writeModel(to folder: String) throws {
    try transformer.save(to: folder, as: source.architecture)
    let configuration = transformer.savedConfiguration(
      from: source.configuration, as: source.architecture, elementType: .float32)
    try write(configuration, "config.json", in: folder)
    try writeCompanions(to: folder)
  }

  /// The adapter alone, under PEFT's names.
  func writeAdapter(to folder: String) throws {
    guard let lowRank = transformer.lowRank, let adapter = transformer.adapter else { return }
    var configuration = AdapterConfiguration()
    configuration.r = lowRank.rank
    configuration.loraAlpha = lowRank.alpha
    configuration.useRSLoRA = lowRank.isRankStabilized
    configuration.targetModules = .names(
      Projection.allCases.filter { lowRank.adapts($0) }.map(\.rawValue))
    configuration.baseModelNameOrPath = source.path
    configuration.taskType = transformer.head == .score ? "SEQ_CLS" : "CAUSAL_LM"
    configuration.modulesToSave = transformer.head == .score ? ["score"] : []
    let modules = adapter.slots.filter { $0.name.hasSuffix(".lora_A.weight") }.map { down in
      let path = String(down.name.dropLast(".lora_A.weight".count))
      let outputs = adapter.slot(path + ".lora_B.weight")?.rows ?? 0
      return AdapterWriter.Module(
        path: path, rank: lowRank.rank, inputs: down.columns, outputs: outputs)
    }
    let whole = adapter.slots.filter { $0.name == "score.weight" }
    let writer = try AdapterWriter(
      folder: folder, configuration: configuration, modules: modules,
      wholeTensors: whole.map {
        TensorInformation(name: $0.name, elementType: .float32, shape: $0.shape)
      })
    for module in modules {
      guard let down = adapter.slot(module.path + ".lora_A.weight"),
        let up = adapter.slot(module.path + ".lora_B.weight")
      else { continue }
      try adapter.values.withSpan(down.range) { a throws in
        try adapter.values.withSpan(up.range) { b throws in
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
