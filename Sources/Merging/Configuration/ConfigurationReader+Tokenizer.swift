import Yams

/// `tokenizer`, the older `tokenizer_source`, and the models that they name.
extension ConfigurationReader {
  /// A model: a path, or mergekit's long form `{model: {path: …}, lora: {path: …}}`.
  mutating func model(_ node: Node, key: String) -> String? {
    guard node.mapping != nil else { return string(node, key: key) }
    guard let fields = fields(node, place: "\"\(key)\"", known: ["model", "lora", "path"]) else {
      return nil
    }
    if let path = fields["path"] { return string(path, key: "path") }
    guard let path = fields["model"].flatMap({ model($0, key: "model") }) else {
      report(.missingKey("model", place: "\"\(key)\""), node)
      return nil
    }
    guard let lora = fields["lora"] else { return path }
    return model(lora, key: "lora").map { "\(path)+\($0)" }
  }

  mutating func tokenizer(_ root: Node, _ top: [String: Node]) -> TokenizerSettings? {
    guard let node = top["tokenizer"] else {
      return top["tokenizer_source"].flatMap { node in
        vocabularySource(node).map { .init(source: $0, position: position(node)) }
      }
    }
    if let other = top["tokenizer_source"] {
      report(
        .unsupported(
          key: "tokenizer_source", found: "beside \"tokenizer\"",
          supported: "write it as \"source\" there"), other)
    }
    guard
      let fields = fields(
        node, place: "\"tokenizer\"", known: ["source", "tokens", "pad_to_multiple_of"])
    else { return nil }
    var settings = TokenizerSettings(
      source: fields["source"].flatMap { vocabularySource($0) } ?? .union,
      position: position(node))
    if let multiple = fields["pad_to_multiple_of"] {
      if let number = multiple.int, (1...1 << 16).contains(number) {
        settings.padToMultipleOf = number
      } else {
        report(
          .wrongValue(
            key: "pad_to_multiple_of", found: kind(multiple),
            expected: "a whole number from 1 to 65536"), multiple)
      }
    }
    if let tokens = fields["tokens"] {
      if let mapping = tokens.mapping {
        settings.tokens = mapping.compactMap { token($0.key, $0.value) }
      } else {
        report(
          .wrongValue(key: "tokens", found: kind(tokens), expected: "a table of tokens"), tokens)
      }
    }
    return settings
  }

  private mutating func vocabularySource(_ node: Node) -> TokenizerSettings.Source? {
    guard let text = model(node, key: "tokenizer") else { return nil }
    switch text {
    case "union": return .union
    case "base": return .base
    default: return .model(text.hasPrefix("model:") ? String(text.dropFirst(6)) : text)
    }
  }

  private mutating func token(_ key: Node, _ value: Node) -> TokenizerSettings.Token? {
    guard let name = string(key, key: "tokens"),
      let fields = fields(value, place: "the token \"\(name)\"", known: ["source", "force"])
    else { return nil }
    var isForced = false
    if let force = fields["force"] {
      if let flag = force.bool {
        isForced = flag
      } else {
        report(.wrongValue(key: "force", found: kind(force), expected: "true or false"), force)
      }
    }
    let source = fields["source"].flatMap { embedding($0, token: name) }
    return .init(token: name, source: source, isForced: isForced, position: position(key))
  }

  private mutating func embedding(_ node: Node, token: String) -> TokenizerSettings.Embedding? {
    guard node.mapping?["kind"] != nil else {
      return model(node, key: "source").map { .model($0) }
    }
    let known = ["kind", "model", "token", "token_id"]
    guard let fields = fields(node, place: "the source of \"\(token)\"", known: known) else {
      return nil
    }
    let kind = fields["kind"]?.string ?? ""
    if kind == "zero" { return .zero }
    guard kind == "model_token" else {
      report(
        .wrongValue(key: "kind", found: "\"\(kind)\"", expected: "zero or model_token"), node)
      return nil
    }
    guard let named = fields["model"], let model = model(named, key: "model") else {
      report(.missingKey("model", place: "the source of \"\(token)\""), node)
      return nil
    }
    if let id = fields["token_id"] {
      if let row = id.int, row >= 0 { return .row(model: model, row) }
      report(.wrongValue(key: "token_id", found: self.kind(id), expected: "a token's number"), id)
      return nil
    }
    guard let other = fields["token"].flatMap({ string($0, key: "token") }) else {
      report(.missingKey("token", place: "the source of \"\(token)\""), node)
      return nil
    }
    return .token(model: model, token: other)
  }
}
