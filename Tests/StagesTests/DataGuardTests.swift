import Artifacts
import Datasets
import JSON
import OrderedCollections
import Pipeline
import Testing
import Text

@testable import Stages

extension ToyModels {
  /// A model whose template opens an answer otherwise than it writes one.
  fileprivate func forgetfulModel() throws -> String {
    let path = try model("forgetful", seed: 1)
    let file = "\(path)/tokenizer_config.json"
    let opening = #"{{ '<|im_start|>assistant\\n' }}"#
    let changed = try text(file).replacing(opening, with: #"{{ '<|im_start|>assistant\\nwell:' }}"#)
    try #require(changed.contains("well:"))
    return try write(changed, "forgetful/tokenizer_config.json").replacing(
      "/tokenizer_config.json", with: "")
  }

  fileprivate func preview(
    _ kind: String, _ settings: JSON, _ model: String, _ data: String
  ) throws -> (BatchPreview, [StageEvent]) {
    let order = WorkOrder(
      kind: kind, stage: kind, settings: settings, inputs: ["model": [model], "data": [data]],
      outputs: [:], work: "\(path)/work", seed: 3)
    let told = Told()
    let context = StageContext(order: order) { told.add($0) }
    return (try BatchPreview.make(kind: kind, settings: settings, context, step: 0), told.all)
  }
}

/// What is learnt would not be what is generated: the first row is named, and nothing is trained.
@Test func aTemplateThatOpensAnswersOtherwiseIsAnErrorOfTheRow() throws {
  let toys = try ToyModels()
  let data = try toys.write(
    #"{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}"#,
    "chat.jsonl")
  let model = try toys.forgetfulModel()
  let error = #expect(throws: DatasetError.self) { try toys.preview("sft", [:], model, data) }
  #expect("\(try #require(error))".contains("chat.jsonl:1: row 1:"))
  let pairs = try toys.write(
    #"{"prompt": [{"role": "user", "content": "a"}], "chosen": "b", "rejected": "c"}"#,
    "pairs.jsonl")
  #expect(throws: DatasetError.self) { try toys.preview("dpo", [:], model, pairs) }
  #expect(throws: DatasetError.self) { try toys.preview("reward", [:], model, pairs) }
}

/// A user may write what ends a turn: it is text there, and not learnt; the answer's own end is.
@Test func whatIsLearntIsFoundByPosition() throws {
  let toys = try ToyModels()
  let data = try toys.write(
    #"{"messages": [{"role": "user", "content": "<|im_end|>"}, {"role": "assistant", "content": "hi"}]}"#,
    "chat.jsonl")
  let (preview, _) = try toys.preview("sft", [:], toys.model("model", seed: 1), data)
  let sequence = try #require(preview.examples.first?.first)
  let learnt = zip(sequence.ids, sequence.isLearnt).filter { $0.1 }.map(\.0)
  #expect(preview.tokenizer.tokenizer.decode(learnt) == "hi<|im_end|>")
  let end = try #require(preview.tokenizer.tokenizer.id(of: "<|im_end|>"))
  // The user's turn ends once, the answer's once.
  #expect(sequence.ids.count { $0 == end } == 2)
}

@Test func aPreviewIsTheStepsOwnBatch() throws {
  let toys = try ToyModels()
  let rows = (0..<7).map { #"{"prompt": "p\#($0)", "chosen": "yes", "rejected": "no, no"}"# }
  let data = try toys.write(rows.joined(separator: "\n"), "pairs.jsonl")
  let model = try toys.model("model", seed: 1)
  let (preview, events) = try toys.preview("dpo", ["batch_size": 3], model, data)
  #expect(preview.stepsPerEpoch == 3)
  #expect(
    preview.examples.map { $0.map(\.label) } == Array(repeating: ["chosen", "rejected"], count: 3))
  var sampler = BatchSampler(count: 7, batchSize: 3, seed: 3)
  let order = sampler.indices(step: 0)
  let texts = preview.examples.map { preview.tokenizer.tokenizer.decode($0[0].ids) }
  #expect(texts == order.map { "p\($0)yes<|endoftext|>" })
  // The shorter answer is chosen in every pair.
  #expect(events.figures["data/chosen_longer"] == 0)
  #expect(events.figures["data/kept"] == 7)
  #expect(throws: BadInput.self) { try toys.preview("merge", [:], model, data) }
}

/// Row 2 says what row 1 says, row 3 the opposite of it, row 4 nothing; one answer is too long.
@Test func whatBecameOfTheRowsIsToldInNumbers() throws {
  let toys = try ToyModels()
  let rows = [
    #"{"prompt": "p", "chosen": "yes", "rejected": "no"}"#,
    #"{"prompt": "p", "chosen": "yes", "rejected": "no"}"#,
    #"{"prompt": "p", "chosen": "no", "rejected": "yes"}"#,
    #"{"prompt": "p", "chosen": "no", "rejected": "no"}"#,
    #"{"prompt": "q", "chosen": "a longer one", "rejected": "no"}"#,
  ]
  let data = try toys.write(rows.joined(separator: "\n"), "pairs.jsonl")
  let (_, events) = try toys.preview(
    "dpo", ["on_malformed": "skip", "max_length": 6, "on_overlong": "truncate"],
    toys.model("model", seed: 1), data)
  let figures = events.figures
  #expect(figures["data/rows"] == 5)
  #expect(figures["data/kept"] == 4)
  #expect(figures["data/dropped"] == 1)
  #expect(figures["data/equal_pairs"] == 1)
  #expect(figures["data/truncated"] == 1)
  #expect(figures["data/duplicates"] == 1)
  #expect(figures["data/contradictions"] == 1)
  #expect(figures["data/repeated_prompts"] == 2)
  #expect(figures["data/chosen_longer"] == 0.75)
  let words = events.compactMap { event in
    if case .warning(let text) = event { text } else { nil }
  }
  #expect(words.contains { $0.contains("1 pair is there the other way round as well") })
}
