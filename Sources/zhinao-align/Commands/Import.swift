import ArgumentParser
import Artifacts
import Checkpoints
import JSON
import Kernels
import Transformers

/// `zhinao-align import`.
struct Import: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Makes a Hugging Face directory of a GGUF file, another directory or an adapter.")

  @Argument(help: "A .gguf file, a Hugging Face directory, or a PEFT adapter, which is merged in.")
  var source: String

  @Argument(help: "The folder to make.")
  var out: String

  @OptionGroup var base: BaseOption

  @Option(help: "The type of the weights.")
  var dtype = WeightType.float32

  func run() throws {
    let model = try ModelArgument(source, base: base.base)
    let folder = try NewFolder(out)
    if model.adapter == nil {
      try copyWeights(of: model, to: folder.temporary)
    } else {
      let transformer = try model.load(compute: Compute(threads: MachineLimits.threads()))
      try transformer.save(
        to: folder.temporary, as: model.directory.architecture, elementType: dtype.elementType)
    }
    try write(configuration(of: model), "config.json", in: folder.temporary)
    try writeCompanions(of: model, to: folder.temporary)
    let size = try FileTree(directory: folder.temporary).entries.reduce(0) { $0 + $1.status.size }
    let path = folder.path
    try folder.publish()
    Console.result("\(path): \(dtype.rawValue), \(Amount.bytes(size))")
  }

  private func copyWeights(of model: ModelArgument, to folder: String) throws {
    let copy = try WeightCopy(model.directory, elementType: dtype.elementType)
    var line = StatusLine()
    defer { line.clear() }
    try copy.write(to: folder) { done in
      guard Console.isLive else { return }
      line.show(" ▶ import  \(done)/\(copy.tensors.count) tensors", now: .now)
    }
  }

  private func configuration(of model: ModelArgument) -> JSON {
    var json = model.directory.configuration.json
    json["torch_dtype"] = .string(dtype.rawValue)
    json["dtype"] = nil
    return json
  }

  private func writeCompanions(of model: ModelArgument, to folder: String) throws {
    if let embedded = try model.directory.embeddedTokenizer() {
      try write(embedded.tokenizer, "tokenizer.json", in: folder)
      try write(embedded.configuration, "tokenizer_config.json", in: folder)
    }
    guard let source = model.directory.folder else { return }
    for name in source.companionFiles {
      guard let path = source.file(name) else { continue }
      let target = "\(folder)/\(name)"
      try Files.makeDirectory(Files.directory(of: target))
      try Files.copy(path, to: target)
    }
  }

  private func write(_ json: JSON, _ name: String, in folder: String) throws {
    let text = json.serialized(.pretty) + "\n"
    try Files.replace("\(folder)/\(name)", with: Array(text.utf8))
  }
}
