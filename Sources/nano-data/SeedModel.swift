import JSON
import OrderedCollections

/// The model folder that pretraining starts from: tokenizer and shapes, no weights.
enum SeedModel {
  static let vocabularySize = 2048

  private static let addedTokens: [(text: String, isSpecial: Bool)] = [
    ("<|endoftext|>", true), ("<|im_start|>", true), ("<|im_end|>", true), ("<think>", false),
    ("</think>", false),
  ]

  /// Qwen2's expression, which already takes digits one by one.
  private static let expression =
    #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#

  /// File name → contents.
  static func files(trainedOn texts: [String]) -> [(name: String, text: String)] {
    let trainer = BytePairTrainer(
      pieceCounts: counts(texts), vocabulary: vocabularySize - addedTokens.count)
    return [
      ("tokenizer.json", tokenizer(trainer)), ("tokenizer_config.json", tokenizerConfiguration),
      ("config.json", configuration), ("generation_config.json", generation),
    ].map { ($0.0, $0.1.serialized(.pretty) + "\n") }
  }

  /// Pieces of the texts, without the thinking tokens, which are never cut; and the words of the chat
  /// format, which the corpus does not hold.
  private static func counts(_ texts: [String]) -> [String: Int] {
    var counts: [String: Int] = [:]
    for text in texts {
      for part in text.split(separator: "think>", omittingEmptySubsequences: true) {
        for piece in pieces(of: String(part)) where !piece.hasSuffix("<") && !piece.hasSuffix("</")
        {
          counts[piece, default: 0] += 1
          // In chat a turn ends where a line of the corpus does, so the signs also stand alone.
          let bare = piece.last == "\n" ? String(piece.dropLast()) : ""
          if !bare.isEmpty { counts[bare, default: 0] += 1 }
        }
      }
    }
    for word in ["system", "user", "assistant"] { counts[word, default: 0] += texts.count }
    return counts
  }

  private static func tokenizer(_ trainer: BytePairTrainer) -> JSON {
    var vocabulary: OrderedDictionary<String, JSON> = [:]
    for (id, token) in trainer.tokens.enumerated() { vocabulary[visible(token)] = .integer(id) }
    let merges = trainer.merges.map { pair -> JSON in
      [.string(visible(trainer.tokens[pair.left])), .string(visible(trainer.tokens[pair.right]))]
    }
    let added = addedTokens.enumerated().map { index, token -> JSON in
      [
        "id": .integer(trainer.tokens.count + index), "content": .string(token.text),
        "single_word": false, "lstrip": false, "rstrip": false, "normalized": false,
        "special": .bool(token.isSpecial),
      ]
    }
    let byteLevel: JSON = [
      "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false,
    ]
    return [
      "version": "1.0", "truncation": nil, "padding": nil, "added_tokens": .array(added),
      "normalizer": nil,
      "pre_tokenizer": [
        "type": "Sequence",
        "pretokenizers": [
          [
            "type": "Split", "pattern": ["Regex": .string(expression)], "behavior": "Isolated",
            "invert": false,
          ], byteLevel,
        ],
      ],
      "post_processor": nil, "decoder": byteLevel,
      "model": [
        "type": "BPE", "dropout": nil, "unk_token": nil, "continuing_subword_prefix": nil,
        "end_of_word_suffix": nil, "fuse_unk": false, "byte_fallback": false,
        "ignore_merges": false,
        "vocab": .object(vocabulary), "merges": .array(merges),
      ],
    ]
  }

  /// Bytes as the characters that byte-level vocabularies write them with (GPT-2's table): printable
  /// Latin-1 as itself, the other 68 as U+0100 onwards.
  private static func visible(_ bytes: [UInt8]) -> String {
    var text = String.UnicodeScalarView()
    for byte in bytes { text.append(alphabet[Int(byte)]) }
    return String(text)
  }

  private static let alphabet: [Unicode.Scalar] = {
    var next: UInt32 = 0x100
    return (0...255).map { (byte: UInt32) in
      let isPrintable = (33...126).contains(byte) || (161...172).contains(byte) || byte >= 174
      if isPrintable { return Unicode.Scalar(byte) ?? " " }
      defer { next += 1 }
      return Unicode.Scalar(next) ?? " "
    }
  }()
}
