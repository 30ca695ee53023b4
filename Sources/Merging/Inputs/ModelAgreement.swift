import Checkpoints
import JSON
import OrderedCollections

/// Whether models can be merged at all, before their tensors are looked at one by one.
struct ModelAgreement {
  private(set) var faults: [TensorFault] = []
  private(set) var notes: [String] = []

  /// Settings by which weights of the same shape mean something else.
  private static let binding = [
    "model_type", "num_attention_heads", "num_key_value_heads", "head_dim",
  ]
  /// Settings that are taken over from the first model, whatever the others say.
  private static let inherited = [
    "rope_theta", "rope_scaling", "rms_norm_eps", "hidden_act", "max_position_embeddings",
    "sliding_window", "attention_bias",
  ]

  /// `allowsCrimes`, as mergekit calls it, merges what has other settings all the same.
  init(_ models: [OpenedModel], hasTokenizer: Bool, allowsCrimes: Bool) throws {
    guard let first = models.first else { return }
    for model in models {
      let keys = ["num_hidden_layers", "n_layer", "num_layers"]
      if let count = keys.lazy.compactMap({ model.config[$0]?.int }).first,
        count > model.layerCount
      {
        faults.append(
          .layerCount(model: model.name, found: model.layerCount, expected: count))
      }
    }
    for model in models.dropFirst() {
      for key in Self.binding {
        guard let found = model.config[key], let expected = first.config[key], found != expected
        else { continue }
        if allowsCrimes {
          notes.append(
            "\(key) is \(found.serialized()) in \(model.name), and the result has \(expected.serialized())"
          )
        } else {
          faults.append(
            .architecture(
              model: model.name, key: key, found: found.serialized(), other: first.name,
              expected: expected.serialized()))
        }
      }
      for key in Self.inherited {
        let (found, expected) = (model.config[key] ?? .null, first.config[key] ?? .null)
        guard !Self.areEqual(found, expected), !found.isNull else { continue }
        notes.append(
          "\(key) is \(found.serialized()) in \(model.name); the result has that of \(first.name), "
            + expected.serialized())
      }
      if !hasTokenizer, let example = try Self.difference(model, first) {
        faults.append(.vocabulary(model: model.name, other: first.name, example: example))
      }
    }
  }

  /// 10000 and 10000.0 are the same setting.
  private static func areEqual(_ left: JSON, _ right: JSON) -> Bool {
    if let left = left.double, let right = right.double { return left == right }
    return left == right
  }

  /// A token that two models number differently; nil where they number all alike, or say nothing of it.
  private static func difference(_ model: OpenedModel, _ other: OpenedModel) throws -> String? {
    guard let file = model.vocabularyFile, let otherFile = other.vocabularyFile,
      try file.bytes() != otherFile.bytes()
    else { return nil }
    guard file.name == "tokenizer.json", otherFile.name == "tokenizer.json" else {
      return "\(file.name) and \(otherFile.name) differ"
    }
    guard let own = try model.vocabulary(), let theirs = try other.vocabulary() else { return nil }
    for (token, id) in own.ids where theirs.ids[token] != id {
      let there = theirs.ids[token].map { "\($0) in \(other.name)" } ?? "not in \(other.name)"
      return "\"\(token)\" is number \(id) in \(model.name) and \(there)"
    }
    if let (token, id) = theirs.ids.first(where: { own.ids[$0.key] == nil }) {
      return "\"\(token)\", number \(id) in \(other.name), is not in \(model.name)"
    }
    return nil
  }
}
