/// All rows, in the table's order.
enum RowCatalogue {
  static let all = training + sampling + nano + optional + growth

  /// What is measured where nothing is chosen: neither the curves nor what has to be built first.
  static var usual: [Row] { training + sampling + nano }

  private static let plain = "train_plain.py"
  private static let trl = "train_trl.py"
  private static let generate = "generate.py"

  private static func words(
    batch: Int, prompt: Int? = nil, answer: Int? = nil, samples: Int? = nil
  ) -> [String] {
    ["--batch", "\(batch)"] + (prompt.map { ["--prompt", "\($0)"] } ?? [])
      + (answer.map { ["--answer", "\($0)"] } ?? [])
      + (samples.map { ["--samples", "\($0)"] } ?? [])
  }

  static let training = [
    Row(
      name: "sft", title: "full SFT step, 4 × 256", work: .sft, words: words(batch: 4, answer: 256),
      script: plain, target: 1.3, memoryTarget: 0.7),
    Row(
      name: "ragged", title: "full SFT step, 8 ragged rows", work: .ragged,
      words: words(batch: 8), script: trl, target: 2, memoryTarget: 0.7),
    Row(
      name: "dpo", title: "LoRA DPO step, 4 pairs of 128 + 128 + 128", work: .dpo,
      words: words(batch: 4, prompt: 128, answer: 128), script: trl, target: 3, memoryTarget: 0.5),
    Row(
      name: "dpo-prompts", title: "LoRA DPO step, 4 pairs of 512 + 64 + 64", work: .dpo,
      words: words(batch: 4, prompt: 512, answer: 64), script: trl, target: 4, memoryTarget: 0.5),
    Row(
      name: "reward", title: "reward model step, 4 pairs × 256", work: .reward,
      words: words(batch: 4, answer: 256), script: trl, target: 1.3, memoryTarget: 0.7),
    Row(
      name: "grpo", title: "LoRA GRPO step, 2 prompts × 4 × (32 + 64), KL", work: .grpo,
      words: words(batch: 2, prompt: 32, answer: 64, samples: 4), script: trl, target: 3.5,
      memoryTarget: 0.5),
    Row(
      name: "online-dpo", title: "LoRA on-policy DPO step, 4 prompts × 2 × (32 + 64)",
      work: .onlineDPO, words: words(batch: 4, prompt: 32, answer: 64, samples: 2), script: trl,
      target: 3, memoryTarget: 0.5),
  ]

  /// Each in float32 and with weights in fewer bits, against the peer's best.
  static let sampling =
    generation("generate-8", "8 prompts of 32 → 128", batch: 8, targets: [5, 5, 5])
    + generation(
      "generate-64", "8 prompts × 8 samples, 32 → 128", batch: 8, samples: 8, targets: [8, 8, 8])
    + generation("generate-1", "one prompt, 32 → 128", batch: 1, targets: [4, 4, 7])

  private static func generation(
    _ name: String, _ title: String, batch: Int, samples: Int? = nil, targets: [Double]
  ) -> [Row] {
    zip(["float32", "bfloat16", "int8"], targets).map { weights, target in
      Row(
        name: weights == "float32" ? name : "\(name)-\(weights)",
        title: "generation, \(title), weights in \(weights)", work: .generate,
        words: words(batch: batch, prompt: 32, answer: 128, samples: samples),
        ownWords: ["--weights", weights], script: generate, target: target, memoryTarget: 0.5)
    }
  }

  static let nano = [
    Row(
      name: "nano-sft", title: "nano: full SFT step, 8 × 64", work: .sft, model: .nano,
      words: words(batch: 8, answer: 64), script: plain, target: 10, memoryTarget: 0.7),
    Row(
      name: "nano-dpo", title: "nano: LoRA DPO step, 8 pairs of 32 + 32 + 32", work: .dpo,
      model: .nano, words: words(batch: 8, prompt: 32, answer: 32), script: trl, target: 10,
      memoryTarget: 0.5),
    Row(
      name: "nano-generate", title: "nano: generation, 8 prompts of 32 → 64", work: .generate,
      model: .nano, words: words(batch: 8, prompt: 32, answer: 64), script: generate, target: 10,
      memoryTarget: 0.5),
  ]

  static let optional = [
    Row(
      name: "llama", title: "one prompt, Q4_1 GGUF, 32 → 128, against llama.cpp", work: .generate,
      model: .quantized, words: words(batch: 1, prompt: 32, answer: 128),
      ownWords: ["--weights", "int4"], script: "llamacpp.py", target: 1)
  ]

  /// How speed grows; the peer's logits of more than 4096 tokens would not fit many machines.
  static let growth =
    [256, 512, 1024, 2048, 4096, 8192].map { length in
      Row(
        name: "growth-length-\(length)", title: "full SFT step, 1 × \(length)", work: .sft,
        words: words(batch: 1, answer: length), script: length > 4096 ? nil : plain,
        point: CurvePoint(curve: "length", axis: "tokens of a sequence", value: length))
    }
    + [1, 4, 16, 64].map { batch in
      Row(
        name: "growth-batch-\(batch)", title: "full SFT step, \(batch) × 256", work: .sft,
        words: words(batch: batch, answer: 256), script: batch > 16 ? nil : plain,
        point: CurvePoint(curve: "batch", axis: "sequences of 256 tokens in a step", value: batch))
    }
    + [1, 2].map { ranks in
      Row(
        name: "growth-ranks-\(ranks)",
        title: "full SFT step, 16 × 256, \(ranks) × 1 thread", work: .sft,
        words: words(batch: 16, answer: 256), script: plain, ranks: ranks, threads: 1,
        point: CurvePoint(curve: "ranks", axis: "ranks of one thread", value: ranks))
    }
}
