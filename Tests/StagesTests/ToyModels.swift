import Artifacts
import Foundation
import JSON
import Kernels
import OrderedCollections
import Pipeline
import Synchronization
import Transformers

@testable import Stages

/// A folder of tiny random models and files, gone when the test is.
///
/// The tokenizer knows every printable ASCII character and five control tokens, nothing more.
final class ToyModels {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "stages-\(UUID().uuidString)"
    try Files.makeDirectory(path)
  }

  deinit { try? Files.remove(path) }

  /// Writes a text and gives its path.
  @discardableResult
  func write(_ text: String, _ name: String) throws -> String {
    let file = "\(path)/\(name)"
    try Files.makeDirectory(Files.directory(of: file))
    try Files.replace(file, with: Array(text.utf8), durably: false)
    return file
  }

  func text(_ file: String) throws -> String {
    String(decoding: try Files.read(file), as: UTF8.self)
  }

  /// A llama of one layer, with random weights under a seed.
  ///
  /// `spread` is the deviation of its weights; large ones make it sure of itself.
  func model(
    _ name: String, seed: UInt64, head: Transformer.Head = .language, spread: Double = 0.5
  ) throws -> String {
    let folder = "\(path)/\(name)"
    for (file, json) in ToyModels.files(spread) {
      try write(json.serialized(.pretty), "\(name)/\(file)")
    }
    let directory = try ModelDirectory(path: folder)
    let transformer = try directory.load(
      head: head, compute: Compute(), initializationSeed: seed)
    try Files.makeDirectory("\(path)/made")
    try ModelOutput(transformer: transformer, source: directory).writeModel(to: "\(path)/made")
    for file in ["model.safetensors", "config.json"] {
      if Files.exists("\(folder)/\(file)") { try Files.remove("\(folder)/\(file)") }
      try Files.move("\(path)/made/\(file)", to: "\(folder)/\(file)")
    }
    try Files.remove("\(path)/made")
    return folder
  }

  /// Runs a stage by itself and gives its output folder and what it told.
  @discardableResult
  func run<Kind: Stage>(
    _ kind: Kind.Type, _ settings: Kind.Settings = .init(), name: String = "stage",
    inputs: OrderedDictionary<String, [String]>, seed: UInt64 = 7, told: Told = Told(),
    shouldStop: @escaping @Sendable () -> Bool = { false }
  ) throws -> (output: String, events: [StageEvent]) {
    let slots = Kind.outputs(for: settings).map(\.name)
    let output = "\(path)/out/\(name)"
    var outputs: OrderedDictionary<String, String> = [:]
    // The main output has the stage's name, the others stand beside it.
    for slot in slots { outputs[slot] = slot == slots[0] ? output : "\(output).\(slot)" }
    try Files.makeDirectory("\(path)/work/\(name)")
    for folder in outputs.values {
      try Files.remove(folder)
      try Files.makeDirectory(folder)
    }
    let order = WorkOrder(
      kind: Kind.kind, stage: name, settings: [:], inputs: inputs, outputs: outputs,
      work: "\(path)/work/\(name)", seed: seed)
    try Kind.run(settings, StageContext(order: order, shouldStop: shouldStop) { told.add($0) })
    return (output, told.all)
  }

  static func files(_ spread: Double) -> [(String, JSON)] {
    let controls = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    var vocabulary: OrderedDictionary<String, JSON> = [:]
    for byte in 33...126 {
      vocabulary[String(UnicodeScalar(UInt8(byte)))] = .integer(vocabulary.count)
    }
    for other in ["Ġ", "Ċ"] { vocabulary[other] = .integer(vocabulary.count) }
    let added = controls.enumerated().map { index, token -> JSON in
      [
        "id": .integer(vocabulary.count + index), "content": .string(token), "single_word": false,
        "lstrip": false, "rstrip": false, "normalized": false, "special": true,
      ]
    }
    let byteLevel: JSON = ["type": "ByteLevel", "add_prefix_space": false, "use_regex": false]
    let size = vocabulary.count + controls.count
    return [
      (
        "tokenizer.json",
        [
          "added_tokens": .array(added), "normalizer": nil, "pre_tokenizer": byteLevel,
          "post_processor": nil, "decoder": byteLevel,
          "model": ["type": "BPE", "vocab": .object(vocabulary), "merges": []],
        ]
      ),
      (
        "tokenizer_config.json",
        [
          "eos_token": "<|endoftext|>", "add_bos_token": false,
          "chat_template": .string(
            "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
          ),
        ]
      ),
      (
        "config.json",
        [
          "architectures": ["LlamaForCausalLM"], "model_type": "llama",
          "vocab_size": .integer(size), "hidden_size": 16, "num_hidden_layers": 1,
          "num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 8,
          "intermediate_size": 32, "max_position_embeddings": 256, "rms_norm_eps": 1e-5,
          "tie_word_embeddings": false, "initializer_range": .number(spread),
          "eos_token_id": .integer(size - 3),
        ]
      ),
    ]
  }
}

/// What a stage told, in order.
final class Told: Sendable {
  private let events = Mutex<[StageEvent]>([])

  func add(_ event: StageEvent) { events.withLock { $0.append(event) } }
  var all: [StageEvent] { events.withLock { $0 } }
}

extension [StageEvent] {
  /// The closing figures.
  var figures: OrderedDictionary<String, Double> {
    var all: OrderedDictionary<String, Double> = [:]
    for case .summary(let figures) in self { all.merge(figures) { _, last in last } }
    return all
  }
}
