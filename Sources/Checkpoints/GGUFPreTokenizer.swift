import JSON

/// How a byte-level tokenizer cuts text before merging, by GGUF's name for it.
///
/// The patterns are those of the models' own `tokenizer.json`.
enum GGUFPreTokenizer: String, CaseIterable {
  case gpt2 = "gpt-2"
  case smollm
  case qwen2
  case llama3 = "llama-bpe"

  init(_ value: GGUFValue?) throws(GGUFFault) {
    guard let name = value?.string, let style = GGUFPreTokenizer(rawValue: name) else {
      throw .wrongValue(
        key: "tokenizer.ggml.pre", found: value?.kind ?? "nothing",
        expected: "one of "
          + GGUFPreTokenizer.allCases.map { "'\($0.rawValue)'" }
          .joined(separator: ", "))
    }
    self = style
  }

  /// Whether a piece that is a token is taken whole, whatever its merges.
  var ignoresMerges: Bool { self == .llama3 }

  var normalizer: JSON { self == .qwen2 ? ["type": "NFC"] : .null }

  var json: JSON {
    switch self {
    case .gpt2: Self.byteLevel(usesPattern: true)
    case .smollm:
      [
        "type": "Sequence",
        "pretokenizers": [
          ["type": "Digits", "individual_digits": true], Self.byteLevel(usesPattern: true),
        ],
      ]
    case .qwen2: split(digits: "")
    case .llama3: split(digits: "{1,3}")
    }
  }

  private func split(digits: String) -> JSON {
    let pattern =
      #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"# + digits
      + #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
    return [
      "type": "Sequence",
      "pretokenizers": [
        [
          "type": "Split", "pattern": ["Regex": .string(pattern)], "behavior": "Isolated",
          "invert": false,
        ],
        Self.byteLevel(usesPattern: false),
      ],
    ]
  }

  static func byteLevel(usesPattern: Bool, addsSpace: Bool = false) -> JSON {
    [
      "type": "ByteLevel", "add_prefix_space": .bool(addsSpace), "trim_offsets": true,
      "use_regex": .bool(usesPattern),
    ]
  }
}
