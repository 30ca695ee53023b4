import JSON
import Kernels
import Text
import Transformers

/// A model that a stage was given: its weights to be loaded, its tokenizer with the template.
struct ModelInput {
  let directory: ModelDirectory
  let tokenizer: ChatTokenizer

  init(path: String) throws {
    directory = try ModelDirectory(path: path)
    if let embedded = try directory.embeddedTokenizer() {
      let tokenizer = try Tokenizer(json: embedded.tokenizer, configuration: embedded.configuration)
      let template = try embedded.configuration["chat_template"]?.string.map {
        try ChatTemplate(source: $0)
      }
      self.tokenizer = ChatTokenizer(tokenizer: tokenizer, template: template)
    } else {
      tokenizer = try ChatTokenizer(directory: path)
    }
  }

  /// The network, with an adapter to train where the settings ask for one.
  ///
  /// A network whose base stays as it is (`isFrozen`) takes less memory. With `initialize` fresh weights are drawn under
  /// the seed instead of reading any.
  func load(
    head: Transformer.Head = .language, lora: LowRankSettings? = nil, compute: Compute,
    seed: UInt64, isFrozen: Bool, initialize: Bool = false
  ) throws -> Transformer {
    let transformer = try directory.load(
      head: head, lowRank: lora?.configuration, compute: compute,
      isFrozen: isFrozen, initializationSeed: initialize ? seed : nil)
    transformer.initializeAdapter(seed: seed)
    return transformer
  }
}
