import Artifacts
import Checkpoints
import JSON
import Kernels
import Pipeline
import Suggestions
import Text
import Transformers

/// A model as the command line names it: a Hugging Face directory (which a stage's folder under
/// `workspace/latest` is, too), a GGUF file, or a PEFT adapter beside its base.
struct ModelArgument {
  let path: String
  /// The model, or the base of an adapter.
  let directory: ModelDirectory
  let adapter: AdapterDirectory?

  /// `base` is the model that an adapter belongs to, where it was said.
  init(_ path: String, base: String? = nil) throws {
    self.path = path
    guard Files.exists(path) else { throw ModelArgument.missing(path) }
    if AdapterDirectory.isAdapter(path: path) {
      let adapter = try AdapterDirectory(path: path)
      self.adapter = adapter
      directory = try ModelDirectory(
        path: AdapterBase(adapter: adapter, path: path).resolve(said: base))
    } else {
      guard base == nil else {
        throw Failure(.usage, "--base belongs to an adapter, and \(path) is a whole model")
      }
      adapter = nil
      directory = try ModelDirectory(path: path)
    }
  }

  private static func missing(_ path: String) -> Failure {
    var trimmed = path
    while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed.removeLast() }
    let folder = Files.directory(of: trimmed)
    let name = String(trimmed.split(separator: "/").last ?? "")
    let known = (try? Files.names(in: folder)) ?? []
    return Failure(.noInput, "\(path) does not exist\(didYouMean(name, among: known))")
  }

  /// The network, the adapter's changes added to its weights.
  func load(compute: Compute) throws -> Transformer {
    let isScore = adapter?.configuration.taskType == "SEQ_CLS"
    let transformer = try directory.load(
      head: isScore ? .score : nil, compute: compute, isFrozen: adapter == nil)
    if let adapter {
      try AdapterMerging(adapter: adapter).apply(to: transformer, as: directory.architecture)
    }
    return transformer
  }

  /// The network for sampling, without a copy of it for training unless an adapter has to be added.
  func loadForDecoding(compute: Compute, format: PackedWeights.Format) throws -> DecodingNetwork {
    let isReward = Failure(
      .badInput, "\(path) is a reward model: it scores texts and writes none")
    guard adapter != nil else {
      guard !directory.isRewardModel else { throw isReward }
      return try directory.loadForDecoding(compute: compute, format: format)
    }
    let transformer = try load(compute: compute)
    guard transformer.head == .language else { throw isReward }
    return DecodingNetwork(transformer, format: format)
  }

  /// The tokenizer and the chat template, which an adapter takes from its base.
  func chatTokenizer() throws -> ChatTokenizer {
    guard let embedded = try directory.embeddedTokenizer() else {
      return try ChatTokenizer(directory: directory.path)
    }
    let tokenizer = try Tokenizer(json: embedded.tokenizer, configuration: embedded.configuration)
    let template = try embedded.configuration["chat_template"]?.string.map {
      try ChatTemplate(source: $0)
    }
    let names = ["bos_token", "eos_token", "pad_token", "unk_token"]
    let variables = names.compactMap { name in
      embedded.configuration[name].flatMap { $0["content"]?.string ?? $0.string }
        .map { (name, JSON.string($0)) }
    }
    return ChatTokenizer(tokenizer: tokenizer, template: template, variables: variables)
  }

  /// `generation_config.json`.
  var generationConfiguration: JSON? { directory.folder?.generationConfig }

  /// The ids that end an answer: those that the generation settings, the configuration and the
  /// tokenizer name, and what the template writes behind an assistant's turn.
  func stopTokens(_ tokenizer: ChatTokenizer) -> [Int32] {
    var ids: [Int32] = []
    func add(_ value: JSON?) {
      for element in value?.array ?? [value ?? .null] {
        if let id = element.int.flatMap({ Int32(exactly: $0) }) { ids.append(id) }
      }
    }
    add(generationConfiguration?["eos_token_id"])
    add(directory.configuration.json["eos_token_id"])
    if let end = tokenizer.tokenizer.end { ids.append(end) }
    let question = ChatMessage(role: "user", content: "?")
    let answer = ChatMessage(role: "assistant", content: "!")
    if tokenizer.template != nil,
      let turn = try? tokenizer.encode(prompt: [question], completion: [answer]),
      let last = turn.completion.last
    {
      ids.append(last)
    }
    return Array(Set(ids)).sorted()
  }
}
