import Checkpoints
import JSON
import OrderedCollections

/// The files of a merged model besides its weights.
struct MergeOutput {
  private(set) var config: JSON = [:]
  private(set) var files: [Companion] = []
  private(set) var notes: [String] = []

  private let configuration: MergeConfiguration
  private let models: [OpenedModel]
  private let tokens: VocabularyPlan?

  /// The first model's settings and files, with the layers, tokens and type that the output has.
  init(
    _ configuration: MergeConfiguration, _ models: [OpenedModel], tokens: VocabularyPlan?,
    layerCount: Int?, elementType: ElementType?
  ) throws {
    self.configuration = configuration
    self.models = models
    self.tokens = tokens
    guard let first = models.first else { return }
    config = translated(first.config)
    if let rows = tokens?.report.rowCount, config["vocab_size"] != nil {
      config["vocab_size"] = .integer(rows)
    }
    if let layerCount { setLayers(layerCount) }
    if let elementType {
      let key = config["dtype"] == nil && config["torch_dtype"] != nil ? "torch_dtype" : "dtype"
      config[key] = .string(MergeConfiguration.name(of: elementType))
    }
    try setFiles()
    try setTemplate()
  }

  private mutating func setLayers(_ count: Int) {
    for key in ["num_hidden_layers", "n_layer", "num_layers"] where config[key] != nil {
      config[key] = .integer(count)
    }
    // Lists over layers would have the old length.
    guard var fields = config.object, fields["layer_types"] != nil else { return }
    fields["layer_types"] = nil
    config = .object(fields)
  }

  /// Special tokens by the numbers that they have in the output.
  private mutating func translated(_ document: JSON) -> JSON {
    guard let tokens, var fields = document.object else { return document }
    for key in fields.keys where key.hasSuffix("_token_id") {
      guard let value = fields[key] else { continue }
      if let id = value.int {
        if let other = tokens.translated(id) {
          fields[key] = .integer(other)
        } else {
          fields[key] = JSON.null
          notes.append("\(key) was \(id), a token that the result does not have")
        }
      } else if let ids = value.array?.compactMap(\.int) {
        fields[key] = .array(ids.compactMap { tokens.translated($0) }.map { .integer($0) })
      }
    }
    return .object(fields)
  }

  /// Files that say what the tokens are.
  private static func isTokenizers(_ name: String) -> Bool {
    name.hasPrefix("tokenizer") || name.hasSuffix(".tiktoken") || name.hasPrefix("chat_template")
      || ["special_tokens_map.json", "added_tokens.json", "vocab.json", "merges.txt"]
        .contains(name)
  }

  private mutating func setFiles() throws {
    let chosen = tokens?.chosen ?? 0
    files = models[0].companions.filter { chosen == 0 || !Self.isTokenizers($0.name) }
    if chosen != 0 { files += models[chosen].companions.filter { Self.isTokenizers($0.name) } }
    if tokens != nil, let index = files.firstIndex(where: { $0.name == "generation_config.json" }) {
      files[index] = Companion("generation_config.json", translated(try files[index].json()))
    }
    guard let document = tokens?.document else { return }
    // The older files have the base's tokens only.
    let stale = ["tokenizer.model", "vocab.json", "merges.txt", "added_tokens.json"]
    let dropped = files.map(\.name).filter(stale.contains)
    if !dropped.isEmpty {
      notes.append("\(dropped.joined(separator: ", ")) are left out: tokenizer.json has all tokens")
    }
    files.removeAll { stale.contains($0.name) || $0.name == "tokenizer.json" }
    files.append(Companion("tokenizer.json", document))
  }

  private mutating func setTemplate() throws {
    guard let choice = configuration.chatTemplate, let text = try template(choice) else { return }
    files.removeAll { $0.name.hasPrefix("chat_template") }
    if let index = files.firstIndex(where: { $0.name == "tokenizer_config.json" }) {
      var document = try files[index].json()
      document["chat_template"] = .string(text)
      files[index] = Companion("tokenizer_config.json", document)
    }
    files.append(Companion(name: "chat_template.jinja", content: .text(text)))
  }

  /// The text of a template; `auto` is what most models have, and of equally many the first.
  private mutating func template(_ choice: ChatTemplateChoice) throws -> String? {
    guard choice.text == "auto" else {
      return ChatTemplates.named(choice.text) ?? choice.text
    }
    var counts: OrderedDictionary<String, Int> = [:]
    for model in models {
      if let text = try model.chatTemplate() { counts[text, default: 0] += 1 }
    }
    if counts.isEmpty { notes.append("no model has a chat template, and neither has the result") }
    var best: (text: String, count: Int)?
    for (text, count) in counts where count > best?.count ?? 0 { best = (text, count) }
    return best?.text
  }
}
