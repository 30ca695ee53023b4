import JSON

extension ChatTokenizer {
  /// Reads a directory's tokenizer and its template: chat_template.jinja, else `chat_template` of
  /// tokenizer_config.json (a string, or a list with one named "default"), else Zhinao's for tiktoken
  /// vocabularies, which come from models that have no other.
  public init(directory: String) throws {
    let tokenizer = try Tokenizer(directory: directory)
    let configuration = try TokenizerFile.readJSON(directory + "/tokenizer_config.json")
    var template: ChatTemplate?
    if let bytes = try TokenizerFile.read(directory + "/chat_template.jinja") {
      template = try ChatTemplate(source: String(decoding: bytes, as: UTF8.self))
    } else if let source = Self.source(configuration?["chat_template"]) {
      template = try ChatTemplate(source: source)
    } else if tokenizer.isTiktoken {
      template = .chatML
    }
    var variables: [(String, JSON)] = []
    for name in ["bos_token", "eos_token", "pad_token", "unk_token", "sep_token", "cls_token"] {
      guard let value = configuration?[name],
        let text = value.string ?? value["content"]?.string
      else { continue }
      variables.append((name, .string(text)))
    }
    self.init(tokenizer: tokenizer, template: template, variables: variables)
  }

  private static func source(_ json: JSON?) -> String? {
    if let text = json?.string { return text }
    return json?.array?.first { $0["name"]?.string == "default" }?["template"]?.string
  }
}
