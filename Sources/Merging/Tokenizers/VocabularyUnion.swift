import JSON
import OrderedCollections

/// One `tokenizer.json` with the tokens of several: the base's numbers stay, new tokens follow.
///
/// Tokens that a byte-pair model made come with the merges that make them, behind the base's own, so that a text is first divided
/// as the base divides it. Tokens that stand apart stand apart in the result. All of them are in the vocabulary under
/// their numbers too: readers number added tokens anew that are not.
struct VocabularyUnion {
  private(set) var ids: OrderedDictionary<String, Int>
  private var added: OrderedDictionary<String, JSON>
  private var merges: [JSON]
  private var mergeKeys: Set<String>
  private let base: Vocabulary
  private let isBytePair: Bool

  init(_ base: Vocabulary) {
    self.base = base
    ids = base.ids
    added = base.added
    merges = base.document["model"]?["merges"]?.array ?? []
    mergeKeys = Set(merges.compactMap(Self.key))
    isBytePair = base.document["model"]?["merges"]?.array != nil
  }

  /// Whether nothing has come to the base's tokens.
  var isBase: Bool { ids.count == base.ids.count }

  /// Adds what another vocabulary has besides.
  mutating func add(_ other: Vocabulary) {
    let isKin =
      isBytePair && other.document["model"]?["merges"]?.array != nil
      && other.document["pre_tokenizer"] == base.document["pre_tokenizer"]
      && other.document["normalizer"] == base.document["normalizer"]
    var next = (ids.values.max() ?? -1) + 1
    var made: Set<String> = []
    for token in other.ids.keys where ids[token] == nil {
      ids[token] = next
      next += 1
      if let entry = other.added[token] {
        added[token] = entry
      } else if isKin {
        made.insert(token)
      } else {
        // Divided otherwise than the base divides, it can only be found as a whole.
        added[token] = Self.plain(token)
      }
    }
    guard isKin else { return }
    for merge in other.document["model"]?["merges"]?.array ?? [] {
      guard let parts = Self.parts(merge), let key = Self.key(merge),
        made.contains(parts.0 + parts.1), ids[parts.0] != nil, ids[parts.1] != nil,
        mergeKeys.insert(key).inserted
      else { continue }
      merges.append(Self.written(parts, like: base.document["model"]?["merges"]?.array?.first))
    }
  }

  /// The union as `tokenizer.json`.
  var document: JSON {
    var document = base.document
    guard !isBase, var model = document["model"] else { return document }
    if isBytePair { model["merges"] = .array(merges) }
    if model["vocab"]?.object != nil {
      var vocabulary: OrderedDictionary<String, JSON> = [:]
      for (token, id) in ids { vocabulary[token] = .integer(id) }
      model["vocab"] = .object(vocabulary)
    }
    document["model"] = model
    let entries = added.map { token, entry in
      var entry = entry
      entry["id"] = .integer(ids[token] ?? 0)
      return entry
    }
    document["added_tokens"] = .array(
      entries.sorted { ($0["id"]?.int ?? 0) < ($1["id"]?.int ?? 0) })
    return document
  }

  private static func plain(_ token: String) -> JSON {
    [
      "id": 0, "content": .string(token), "single_word": false, "lstrip": false, "rstrip": false,
      "normalized": false, "special": false,
    ]
  }

  /// A merge is `"a b"` in older files and `["a", "b"]` in newer ones.
  private static func parts(_ merge: JSON) -> (String, String)? {
    if let pair = merge.array, pair.count == 2, let first = pair[0].string,
      let second = pair[1].string
    {
      return (first, second)
    }
    let words = (merge.string ?? "").split(separator: " ", omittingEmptySubsequences: false)
    return words.count == 2 ? (String(words[0]), String(words[1])) : nil
  }

  private static func key(_ merge: JSON) -> String? {
    parts(merge).map { "\($0.0) \($0.1)" }
  }

  private static func written(_ parts: (String, String), like example: JSON?) -> JSON {
    example?.string != nil
      ? .string("\(parts.0) \(parts.1)") : [.string(parts.0), .string(parts.1)]
  }
}
