import JSON
import OrderedCollections

/// A tokenizer rebuilt from GGUF's metadata, in the form of Hugging Face's files.
struct GGUFTokenizer {
  let metadata: [String: GGUFValue]
  let tokens: [String]
  private let kinds: [Int]

  /// What llama.cpp calls the kinds of token (`llama_token_type`).
  private enum Kind {
    static let normal = 1
    static let unknown = 2
    static let control = 3
    static let userDefined = 4
  }

  /// Nil where the file has no tokenizer.
  init?(_ metadata: [String: GGUFValue]) throws(GGUFFault) {
    guard metadata["tokenizer.ggml.tokens"] != nil else { return nil }
    self.metadata = metadata
    tokens = try GGUFTokenizer.list(metadata, "tokenizer.ggml.tokens", "strings", \.string)
    let key = "tokenizer.ggml.token_type"
    kinds =
      metadata[key] == nil
      ? Array(repeating: Kind.normal, count: tokens.count)
      : try GGUFTokenizer.list(metadata, key, "whole numbers", \.integer)
    guard kinds.count == tokens.count else {
      throw .wrongValue(key: key, found: "\(kinds.count) long", expected: "\(tokens.count) long")
    }
  }

  static func list<T>(
    _ metadata: [String: GGUFValue], _ key: String, _ what: String, _ element: (GGUFValue) -> T?
  ) throws(GGUFFault) -> [T] {
    guard let value = metadata[key] else { throw .missingKey(key) }
    guard let values = value.array else {
      throw .wrongValue(key: key, found: value.kind, expected: "an array of \(what)")
    }
    let elements = values.compactMap(element)
    guard elements.count == values.count else {
      throw .wrongValue(key: key, found: "other elements", expected: "an array of \(what)")
    }
    return elements
  }

  /// `tokenizer.json`.
  func tokenizerJSON() throws(GGUFFault) -> JSON {
    let model = metadata["tokenizer.ggml.model"]?.string ?? "nothing"
    switch model {
    case "gpt2": return try byteLevel()
    case "llama": return try sentencePiece()
    default:
      throw .wrongValue(
        key: "tokenizer.ggml.model", found: "'\(model)'", expected: "'gpt2' or 'llama'")
    }
  }

  private func byteLevel() throws(GGUFFault) -> JSON {
    let merges: [String] = try Self.list(metadata, "tokenizer.ggml.merges", "strings", \.string)
    let style = try GGUFPreTokenizer(metadata["tokenizer.ggml.pre"])
    var model = try self.model(merges: merges.map(JSON.string))
    if style.ignoresMerges { model["ignore_merges"] = true }
    return document(
      normalizer: style.normalizer, preTokenizer: style.json, model: model,
      decoder: GGUFPreTokenizer.byteLevel(usesPattern: true, addsSpace: true), addsFirst: false)
  }

  private func sentencePiece() throws(GGUFFault) -> JSON {
    let scores: [Double] = try Self.list(
      metadata, "tokenizer.ggml.scores", "numbers", \.number)
    guard scores.count == tokens.count else {
      throw .wrongValue(
        key: "tokenizer.ggml.scores", found: "\(scores.count) long",
        expected: "\(tokens.count) long")
    }
    var model = try self.model(merges: sentencePieceMerges(scores))
    model["unk_token"] = text(of: "unknown") ?? "<unk>"
    model["fuse_unk"] = true
    model["byte_fallback"] = true
    let addsSpace = metadata["tokenizer.ggml.add_space_prefix"]?.bool ?? true
    let replaced: JSON = ["type": "Replace", "pattern": ["String": " "], "content": "▁"]
    var decoders: [JSON] = [
      ["type": "Replace", "pattern": ["String": "▁"], "content": " "], ["type": "ByteFallback"],
      ["type": "Fuse"],
    ]
    if addsSpace {
      decoders.append(["type": "Strip", "content": " ", "start": 1, "stop": 0])
    }
    return document(
      normalizer: [
        "type": "Sequence",
        "normalizers": .array(
          (addsSpace ? [["type": "Prepend", "prepend": "▁"]] : []) + [replaced]),
      ],
      preTokenizer: .null, model: model,
      decoder: ["type": "Sequence", "decoders": .array(decoders)], addsFirst: true)
  }

  /// Every way to put a token together from two others, better tokens first: so byte-pair
  /// merging takes the pair whose whole has the best score, as SentencePiece does.
  private func sentencePieceMerges(_ scores: [Double]) -> [JSON] {
    var ids: [String: Int] = [:]
    for (id, token) in tokens.enumerated() where kinds[id] == Kind.normal { ids[token] = id }
    var merges: [(left: Int, right: Int, whole: Int)] = []
    for (id, token) in tokens.enumerated() where kinds[id] == Kind.normal {
      for place in token.unicodeScalars.indices.dropFirst() {
        if let left = ids[String(token[..<place])], let right = ids[String(token[place...])] {
          merges.append((left, right, id))
        }
      }
    }
    merges.sort { first, second in
      if scores[first.whole] != scores[second.whole] {
        return scores[first.whole] > scores[second.whole]
      }
      return (first.whole, first.left, first.right) < (second.whole, second.left, second.right)
    }
    return merges.map { [.string(tokens[$0.left]), .string(tokens[$0.right])] }
  }

  private func model(merges: [JSON]) throws(GGUFFault) -> JSON {
    var vocabulary = OrderedDictionary<String, JSON>(minimumCapacity: tokens.count)
    for (id, token) in tokens.enumerated() {
      guard vocabulary.updateValue(.integer(id), forKey: token) == nil else {
        throw .duplicate(what: "token", name: token)
      }
    }
    return [
      "type": "BPE", "dropout": nil, "unk_token": nil, "continuing_subword_prefix": nil,
      "end_of_word_suffix": nil, "fuse_unk": false, "byte_fallback": false,
      "vocab": .object(vocabulary), "merges": .array(merges),
    ]
  }

  private func document(
    normalizer: JSON, preTokenizer: JSON, model: JSON, decoder: JSON, addsFirst: Bool
  ) -> JSON {
    [
      "version": "1.0", "truncation": nil, "padding": nil, "added_tokens": .array(addedTokens),
      "normalizer": normalizer, "pre_tokenizer": preTokenizer,
      "post_processor": postProcessor(addsFirst: addsFirst), "decoder": decoder, "model": model,
    ]
  }

  var addedTokens: [JSON] {
    var added: [JSON] = []
    for (id, kind) in kinds.enumerated()
    where kind == Kind.control || kind == Kind.userDefined || kind == Kind.unknown {
      added.append([
        "id": .integer(id), "content": .string(tokens[id]), "single_word": false, "lstrip": false,
        "rstrip": false, "normalized": false, "special": .bool(kind != Kind.userDefined),
      ])
    }
    return added
  }

  /// Puts the first token before a text, where the model was trained so.
  private func postProcessor(addsFirst: Bool) -> JSON {
    guard metadata["tokenizer.ggml.add_bos_token"]?.bool ?? addsFirst,
      let id = id(of: "bos"), case let token = JSON.string(tokens[id])
    else { return .null }
    let first: JSON = ["SpecialToken": ["id": token, "type_id": 0]]
    let text: JSON = ["Sequence": ["id": "A", "type_id": 0]]
    let second: JSON = ["Sequence": ["id": "B", "type_id": 1]]
    return [
      "type": "TemplateProcessing", "single": [first, text],
      "pair": [first, text, ["SpecialToken": ["id": token, "type_id": 1]], second],
      "special_tokens": .object([
        tokens[id]: ["id": token, "ids": [.integer(id)], "tokens": [token]]
      ]),
    ]
  }

  private func id(of role: String) -> Int? {
    guard let id = metadata["tokenizer.ggml.\(role)_token_id"]?.integer, tokens.indices.contains(id)
    else { return nil }
    return id
  }

  func text(of role: String) -> JSON? { id(of: role).map { .string(tokens[$0]) } }
}
