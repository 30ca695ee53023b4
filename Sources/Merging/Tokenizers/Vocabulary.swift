import JSON
import OrderedCollections

/// The tokens of a `tokenizer.json` and their numbers.
struct Vocabulary: Sendable {
  /// The document that it was read from.
  let document: JSON
  /// Token → number, in the order of the numbers.
  let ids: OrderedDictionary<String, Int>
  /// The tokens that stand apart from the model's own, in the document's order.
  let added: OrderedDictionary<String, JSON>

  /// One more than the largest number.
  var rowCount: Int { (ids.values.last ?? -1) + 1 }

  /// Nil of a document that is no `tokenizer.json`, or numbers its tokens in a way that no embedding follows.
  init?(_ document: JSON) {
    guard let model = document["model"] else { return nil }
    var pairs: [(token: String, id: Int)] = []
    if let vocabulary = model["vocab"]?.object {
      for (token, id) in vocabulary {
        guard let id = id.int else { return nil }
        pairs.append((token, id))
      }
    } else if let pieces = model["vocab"]?.array {
      for (id, piece) in pieces.enumerated() {
        guard let token = piece.array?.first?.string else { return nil }
        pairs.append((token, id))
      }
    } else {
      return nil
    }
    var added: OrderedDictionary<String, JSON> = [:]
    let own = Set(pairs.map(\.token))
    for entry in document["added_tokens"]?.array ?? [] {
      guard let token = entry["content"]?.string, let id = entry["id"]?.int else { return nil }
      added[token] = entry
      if !own.contains(token) { pairs.append((token, id)) }
    }
    guard pairs.allSatisfy({ (0..<1 << 28).contains($0.id) }) else { return nil }
    pairs.sort { $0.id < $1.id }
    var ids: OrderedDictionary<String, Int> = [:]
    ids.reserveCapacity(pairs.count)
    for (token, id) in pairs { ids[token] = id }
    self.document = document
    self.ids = ids
    self.added = added
  }

  /// The token of a number, for special ids that a configuration names.
  func token(_ id: Int) -> String? { ids.first { $0.value == id }?.key }
}

extension OpenedModel {
  /// The file that says which tokens there are: `tokenizer.json`, or a tiktoken vocabulary.
  var vocabularyFile: Companion? {
    companions.first { $0.name == "tokenizer.json" }
      ?? companions.first { $0.name.hasSuffix(".tiktoken") }
      ?? companions.first { $0.name == "tokenizer.model" }
  }

  /// Nil without a readable `tokenizer.json`.
  func vocabulary() throws -> Vocabulary? {
    guard let file = companions.first(where: { $0.name == "tokenizer.json" }) else { return nil }
    return Vocabulary(try file.json())
  }
}
