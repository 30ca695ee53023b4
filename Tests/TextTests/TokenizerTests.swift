import JSON
import Testing

@testable import Text

/// Ids and texts equal those of `tokenizers` for four kinds of vocabulary, 27 texts each.
@Test func smallVocabulariesEncodeAsTheReferenceDoes() throws {
  var count = 0
  for vocabulary in try #require(golden("tokenizers")["vocabularies"]?.array) {
    let tokenizer = try Tokenizer(json: try #require(vocabulary["file"]), configuration: nil)
    for example in vocabulary["cases"]?.array ?? [] {
      let text = try #require(example["text"]?.string)
      let wanted = (example["ids"]?.array ?? []).compactMap { $0.int.map { TokenID($0) } }
      #expect(tokenizer.encode(text) == wanted, "\(vocabulary["name"]?.string ?? ""): \(text)")
      #expect(tokenizer.decode(wanted) == example["decoded"]?.string)
      count += 1
    }
  }
  #expect(count == 108)
}

@Test func aByteLevelVocabularyLosesNothing() throws {
  let tokenizer = try Tokenizer(tiktoken: smallRanks(), family: .zhinao)
  var state: UInt64 = 7
  for _ in 0..<200 {
    var scalars = String.UnicodeScalarView()
    for _ in 0..<40 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let range: UInt32 = [0x80, 0x800, 0x1_0000, 0x11_0000][Int(state >> 62)]
      if let scalar = Unicode.Scalar(UInt32(truncatingIfNeeded: state >> 20) % range) {
        scalars.append(scalar)
      }
    }
    let text = String(scalars)
    let ids = tokenizer.encode(text)
    #expect(tokenizer.decode(ids) == text)
    var stream = tokenizer.streamingDecoder()
    let pieces = ids.map { stream.push($0) }
    #expect(pieces.joined() + stream.finish() == text)
    #expect(!pieces.joined().unicodeScalars.contains("\u{FFFD}") || text.contains("\u{FFFD}"))
  }
}

/// 260 ranks; specials follow: <pad> 260 … <eod> 263, [space2] 265 … [space8] 268, im_start 269.
@Test func zhinaoSpellsRunsOfSpacesAsTokens() throws {
  let tokenizer = try Tokenizer(tiktoken: smallRanks(), family: .zhinao)
  #expect(tokenizer.vocabularySize == 271)
  #expect(tokenizer.end == 263)
  #expect(tokenizer.padding == 260)
  // 13 spaces: eight, four, and one that stays text.
  #expect(tokenizer.encode(String(repeating: " ", count: 13)) == [268, 267, 32])
  #expect(tokenizer.decode([268, 267, 32]) == String(repeating: " ", count: 13))
  #expect(tokenizer.encode("a[br]b<br>") == tokenizer.encode("a\nb\n"))
  let literal = tokenizer.encode("[space2]<|im_end|>", specials: .asText)
  #expect(literal.allSatisfy { $0 < 260 })
  #expect(tokenizer.decode(literal) == "[space2]<|im_end|>")
  #expect(tokenizer.encode("<|im_end|>", specials: .recognised) == [270])
}

@Test func aControlTokenInUserContentStaysText() throws {
  let tokenizer = try Tokenizer(tiktoken: smallRanks(), family: .qwen)
  let end = try #require(tokenizer.id(of: "<|im_end|>"))
  let text = TaggedText(pieces: [
    .init(text: "<|im_end|>", isTrusted: true), .init(text: "<|im_end|>", isTrusted: false),
    .init(text: "<|im_", isTrusted: true), .init(text: "end|>", isTrusted: false),
  ])
  let ids = tokenizer.encode(text)
  #expect(ids.filter { $0 == end }.count == 1)
  #expect(ids.first == end)
  #expect(tokenizer.decode(ids) == text.text)
}

@Test func wordsCrossTheBordersOfPieces() throws {
  let tokenizer = try Tokenizer(tiktoken: smallRanks(), family: .qwen)
  let text = TaggedText(pieces: [
    .init(text: "t", isTrusted: true), .init(text: "he", isTrusted: false),
  ])
  #expect(tokenizer.encode(text) == [257])
}

/// The heap and the scan are two implementations of one rule.
@Test func aVeryLongWordMergesLikeAShortOne() throws {
  let tokenizer = try Tokenizer(tiktoken: smallRanks(), family: .qwen)
  let ids = tokenizer.encode(String(repeating: "ab", count: 50_000))
  #expect(ids.count == 50_000)
  #expect(ids.allSatisfy { $0 == 259 })
}

@Test func whatIsUnknownIsRefusedByName() throws {
  let model: JSON = ["type": "BPE", "vocab": ["a": 0], "merges": []]
  let files: [(JSON, String)] = [
    (["model": ["type": "Unigram"]], "Unigram"),
    (["model": model, "normalizer": ["type": "NFKD"]], "NFKD"),
    (["model": model, "pre_tokenizer": ["type": "BertPreTokenizer"]], "BertPreTokenizer"),
    (["model": model, "decoder": ["type": "CTC"]], "CTC"),
    (["model": model, "post_processor": ["type": "BertProcessing"]], "BertProcessing"),
    (["model": ["type": "BPE", "vocab": ["a": 0], "merges": ["a b"]]], "merges[0]"),
    (["model": ["type": "BPE", "vocab": ["a": -1], "merges": []]], "-1"),
    (
      [
        "model": model,
        "normalizer": ["type": "Replace", "pattern": ["Regex": "("], "content": ""],
      ], "parenthesis"
    ),
    (["model": 3], "nothing"), (nil, "nothing"),
  ]
  for (file, name) in files {
    let error = #expect(throws: TokenizerError.self) {
      try Tokenizer(json: file, configuration: nil)
    }
    #expect(error?.description.contains(name) ?? false, "\(String(describing: error))")
  }
  let role: JSON = ["eos_token": "</s>"]
  #expect(
    throws: TokenizerError.unknownToken(
      role: "tokenizer_config.json: eos_token", token: "</s>")
  ) { try Tokenizer(json: ["model": model], configuration: role) }
  for lines in ["YQ==", "Y!== 1", "YQ== 1\nYQ== 2", "YQ== 99999999999", "= 1", "YQ== x"] {
    #expect(throws: TokenizerError.self) {
      try Tokenizer(tiktoken: Array(lines.utf8), family: .qwen)
    }
  }
}

/// `(a+)+$` would take 2^n steps on a text that does not match.
@Test func aHostilePatternEnds() throws {
  let pattern = try Pattern("(a+)+$")
  var count = 0
  let text = Array((String(repeating: "a", count: 60) + "!").utf8)
  pattern.forEachMatch(in: text, 0, text.count) { _, _ in count += 1 }
  #expect(count == 0)
}
