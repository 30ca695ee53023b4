import Checkpoints
import JSON
import Testing

struct GGUFFileTests {
  private func open(_ builder: GGUFBuilder) throws -> GGUFFile {
    let scratch = try Scratch()
    return try GGUFFile(path: scratch.write(builder.bytes, "model.gguf"))
  }

  private func fault(_ builder: GGUFBuilder) throws -> GGUFFault? {
    do {
      _ = try open(builder)
      return Optional.none
    } catch CheckpointError.gguf(_, let fault) {
      return fault
    }
  }

  /// float16: 0x3C00 is 1, 0x4000 is 2, 0x3800 is 0.5, 0xBC00 is −1.
  private func half(_ bits: UInt16) -> [UInt8] { littleEndian(bits) }

  /// Low halves come first.
  ///
  /// Byte i holds i in its low half and 15 − i in its high one: elements 0…15 are 0…15, elements
  /// 16…31 are 15…0. With scale 0.5 and zero 8, element i is (i − 8)/2.
  @Test func q4x0IsWidenedByHand() throws {
    var builder = GGUFBuilder.llama()
    let quanta = (0..<16).map { UInt8($0 | (15 - $0) << 4) }
    builder.add("output.weight", [1, 32], 2, half(0x3800) + quanta)
    let values = try open(builder).floats("lm_head.weight")
    let rising = (0..<16).map { (Float($0) - 8) / 2 }
    #expect(values == rising + rising.reversed())
  }

  /// The same quanta with scale 2 and minimum −1: element i is 2i − 1.
  @Test func q4x1IsWidenedByHand() throws {
    var builder = GGUFBuilder.llama()
    let quanta = (0..<16).map { UInt8($0 | (15 - $0) << 4) }
    builder.add("output.weight", [1, 32], 3, half(0x4000) + half(0xBC00) + quanta)
    let values = try open(builder).floats("lm_head.weight")
    let rising = (0..<16).map { Float($0) * 2 - 1 }
    #expect(values == rising + rising.reversed())
  }

  /// A row's whole numbers say what its widened values say: scale · q + minimum.
  @Test(arguments: [2, 3, 8] as [UInt32])
  func aRowOfBlocksIsGivenAsWholeNumbers(encoding: UInt32) throws {
    var builder = GGUFBuilder.llama()
    func block(_ seed: Int) -> [UInt8] {
      let start = half(0x3800) + (encoding == 3 ? half(0xBC00) : [])
      return start + (0..<(encoding == 8 ? 32 : 16)).map { UInt8(($0 * 29 + seed) % 256) }
    }
    builder.add("output.weight", [3, 64], encoding, (0..<6).flatMap(block))
    let file = try open(builder)
    let values = try file.floats("lm_head.weight")
    for row in 0..<3 {
      let found = try #require(file.quantizedRow("lm_head.weight", row: row))
      #expect(found.kind == (encoding == 8 ? .bytes : .nibbles))
      #expect(found.scales.count == 2 && found.numbers.count == 64)
      for column in 0..<64 {
        let number = found.numbers[column]
        let whole = found.kind == .bytes ? Float(Int8(bitPattern: number)) : Float(number)
        let value =
          Float(found.scales[column / 32]) * whole + Float(found.minima[column / 32])
        #expect(value == values[64 * row + column])
      }
    }
    #expect(file.quantizedRow("lm_head.weight", row: 3) == nil)
    #expect(file.quantizedRow("other", row: 0) == nil)
  }

  /// Quanta −16…15 with scale 0.5; and a range that starts and ends inside blocks.
  @Test func q8x0IsWidenedByHand() throws {
    var builder = GGUFBuilder.llama()
    let quanta = (-16..<16).map { UInt8(bitPattern: Int8($0)) }
    let block = half(0x3800) + quanta
    builder.add("output.weight", [2, 32], 8, block + block)
    let file = try open(builder)
    let expected = (-16..<16).map { Float($0) / 2 }
    #expect(try file.floats("lm_head.weight") == expected + expected)
    var part = [Float](repeating: 0, count: 30)
    var span = part.mutableSpan
    try file.readFloats("lm_head.weight", elements: 20..<50, into: &span)
    let whole = expected + expected
    #expect(part == Array(whole[20..<50]))
    #expect(file.tensors.first?.elementType == .float32)
  }

  /// Each run of 16 has its own scale.
  ///
  /// All low nibbles 1 and high pairs 2: each quantum is 1 + 2·16 − 32 = 1. With scale 2 and local
  /// scales 0…15 (eight for each half), element e is 2 · scale(e / 16).
  @Test func q6kIsWidenedByHand() throws {
    var builder = GGUFBuilder.llama()
    let low = [UInt8](repeating: 0x11, count: 128)
    let high = [UInt8](repeating: 0b1010_1010, count: 64)
    builder.add(
      "output.weight", [1, 256], 14, low + high + (0..<16).map { UInt8($0) } + half(0x4000))
    let expected = (0..<256).map { Float(2 * ($0 / 16)) }
    #expect(try open(builder).floats("lm_head.weight") == expected)
  }

  @Test func plainTypesAreReadAsTheyAre() throws {
    var builder = GGUFBuilder.llama()
    builder.add("output.weight", [1, 2], 1, half(0x3C00) + half(0xBC00))
    builder.add("token_embd.weight", [1, 2], 30, [0x80, 0x3F, 0x00, 0x40])
    builder.add("output_norm.weight", [2], [3, 4])
    let file = try open(builder)
    #expect(try file.floats("lm_head.weight") == [1, -1])
    #expect(try file.floats("model.embed_tokens.weight") == [1, 2])
    #expect(try file.floats("model.norm.weight") == [3, 4])
    #expect(try file.withBytes("lm_head.weight") { $0.byteCount } == 4)
  }

  /// Two heads of four rows.
  ///
  /// In the file a head's rows are 0 2 1 3 of Hugging Face's: row `2j + t`
  /// is `t·2 + j`. Each row holds its Hugging Face number.
  @Test func theRowsOfLlamasQueriesAreUninterleaved() throws {
    var builder = GGUFBuilder.llama()
    builder.add("blk.0.attn_q.weight", [8, 1], [0, 2, 1, 3, 4, 6, 5, 7])
    builder.add("blk.0.attn_k.weight", [4, 1], [0, 2, 1, 3])
    builder.add("blk.0.attn_v.weight", [4, 1], [0, 1, 2, 3])
    builder.add("blk.0.attn_q.bias", [8], [0, 2, 1, 3, 4, 6, 5, 7])
    let file = try open(builder)
    let rows: [Float] = [0, 1, 2, 3, 4, 5, 6, 7]
    #expect(try file.floats("model.layers.0.self_attn.q_proj.weight") == rows)
    #expect(try file.floats("model.layers.0.self_attn.q_proj.bias") == rows)
    #expect(try file.floats("model.layers.0.self_attn.k_proj.weight") == [0, 1, 2, 3])
    #expect(try file.floats("model.layers.0.self_attn.v_proj.weight") == [0, 1, 2, 3])
    #expect(file.config["attention_bias"]?.bool == true)
  }

  @Test func settingsTakeHuggingFacesForm() throws {
    var builder = GGUFBuilder.llama()
    builder.set("tokenizer.ggml.eos_token_id", 2)
    builder.add("token_embd.weight", [5, 1], [1, 2, 3, 4, 5])
    let config = try open(builder).config
    #expect(config["model_type"]?.string == "llama")
    #expect(config["hidden_size"]?.int == 8)
    #expect(config["head_dim"]?.int == 4)
    #expect(config["num_key_value_heads"]?.int == 1)
    #expect(config["rms_norm_eps"]?.double == 1e-5)
    #expect(config["rope_theta"]?.double == 100000)
    #expect(config["tie_word_embeddings"]?.bool == true)
    #expect(config["vocab_size"]?.int == 5)
    #expect(config["eos_token_id"]?.int == 2)
    #expect(config["bos_token_id"]?.isNull == true)
  }

  @Test func aByteLevelTokenizerIsRebuilt() throws {
    var builder = GGUFBuilder.llama()
    builder.set("tokenizer.ggml.model", "gpt2")
    builder.set("tokenizer.ggml.pre", "smollm")
    builder.set("tokenizer.ggml.tokens", ["<|end|>", "a", "b", "ab", "<tool>"])
    builder.set("tokenizer.ggml.token_type", [3, 1, 1, 1, 4] as [Int32])
    builder.set("tokenizer.ggml.merges", ["a b"])
    builder.set("tokenizer.ggml.eos_token_id", 0)
    builder.set("tokenizer.chat_template", "{{ messages }}")
    let file = try open(builder)
    let tokenizer = try #require(try file.tokenizerJSON)
    #expect(tokenizer["model"]?["vocab"]?["ab"]?.int == 3)
    #expect(tokenizer["model"]?["merges"]?.array == ["a b"])
    #expect(tokenizer["added_tokens"]?.array?.map { $0["special"]?.bool } == [true, false])
    #expect(tokenizer["pre_tokenizer"]?["pretokenizers"]?.array?.first?["type"]?.string == "Digits")
    let config = try #require(try file.tokenizerConfig)
    #expect(config["eos_token"]?.string == "<|end|>")
    #expect(config["chat_template"]?.string == "{{ messages }}")
  }

  /// `abc` (score −1) is put together before `ab` (−2): as a+bc is no pair of tokens, only ab+c.
  @Test func aSentencePieceTokenizerBecomesMerges() throws {
    var builder = GGUFBuilder.llama()
    builder.set("tokenizer.ggml.model", "llama")
    builder.set("tokenizer.ggml.tokens", ["<unk>", "<s>", "<0x0A>", "a", "b", "c", "ab", "abc"])
    builder.set("tokenizer.ggml.token_type", [2, 3, 6, 1, 1, 1, 1, 1] as [Int32])
    builder.set("tokenizer.ggml.scores", [0, 0, 0, -9, -9, -9, -2, -1] as [Float])
    builder.set("tokenizer.ggml.bos_token_id", 1)
    builder.set("tokenizer.ggml.unknown_token_id", 0)
    let tokenizer = try #require(try open(builder).tokenizerJSON)
    #expect(tokenizer["model"]?["merges"]?.array == [["ab", "c"], ["a", "b"]])
    #expect(tokenizer["model"]?["byte_fallback"]?.bool == true)
    #expect(tokenizer["post_processor"]?["type"]?.string == "TemplateProcessing")
  }

  @Test func hostileFilesAreRefusedByTheirFault() throws {
    var builder = GGUFBuilder.llama()
    builder.version = 1
    #expect(try fault(builder) == .unsupportedVersion(1))
    builder = .llama()
    builder.set("general.alignment", 1 << 30)
    #expect(try fault(builder) == .invalidAlignment(1 << 30))
    builder = .llama()
    builder.set("llama.block_count", 2)
    #expect(try fault(builder) == .duplicate(what: "metadata key", name: "llama.block_count"))
    builder = .llama()
    builder.keys.append(("x", 8, littleEndian(UInt64.max)))
    #expect(
      try fault(builder) == .outOfBounds(what: "the length of 'x'", found: .max, limit: 16 << 20))
    builder = .llama()
    builder.keys.append(("x", 9, littleEndian(UInt32(4)) + littleEndian(UInt64.max)))
    #expect(
      try fault(builder) == .outOfBounds(what: "the count of 'x'", found: .max, limit: 8 << 20))
    builder = .llama()
    builder.keys.append(("x", 13, []))
    #expect(try fault(builder) == .unknownType(what: "the metadata's 'x'", code: 13))
    builder = .llama()
    builder.add("output.weight", [1, 32], 12, [UInt8](repeating: 0, count: 144))
    #expect(
      try fault(builder) == .unsupportedQuantization(tensor: "output.weight", type: "Q4_K"))
    builder = .llama()
    builder.add("output.weight", [1, 31], 8, [UInt8](repeating: 0, count: 34))
    guard case .invalidShape = try fault(builder) else {
      Issue.record("a part of a block was taken")
      return
    }
    builder = .llama()
    builder.add("output.weight", [0, 32], 8, [])
    guard case .invalidShape = try fault(builder) else {
      Issue.record("a size of zero was taken")
      return
    }
    builder = .llama()
    builder.add("output.weight", [1 << 40, 32], 8, [UInt8](repeating: 0, count: 34))
    guard case .truncated = try fault(builder) else {
      Issue.record("a tensor beyond the end was taken")
      return
    }
    builder = .llama()
    builder.keys[0] = ("general.architecture", 8, GGUFBuilder.text("mamba"))
    #expect(try fault(builder) == .unsupportedArchitecture("mamba"))
  }

  @Test func aThousandMutationsNeverTrap() throws {
    var builder = GGUFBuilder.llama()
    builder.set("tokenizer.ggml.model", "gpt2")
    builder.set("tokenizer.ggml.pre", "gpt-2")
    builder.set("tokenizer.ggml.tokens", ["a", "b", "ab"])
    builder.set("tokenizer.ggml.merges", ["a b"])
    builder.add("blk.0.attn_q.weight", [8, 32], 8, [UInt8](repeating: 1, count: 8 * 34))
    builder.add("output_norm.weight", [2], [3, 4])
    let scratch = try Scratch()
    var mutations = Mutations(state: 11)
    let original = builder.bytes
    var refused = 0
    for _ in 0..<1000 {
      let path = try scratch.write(mutations.mutate(original), "m.gguf")
      do {
        let file = try GGUFFile(path: path)
        for tensor in file.tensors { _ = try file.floats(tensor.name) }
        _ = try file.tokenizerJSON
        _ = try file.tokenizerConfig
      } catch is CheckpointError { refused += 1 }
    }
    #expect(refused > 500)
  }
}
