import Artifacts
import Datasets
import Generation
import Kernels
import Pipeline
import Randomness
import Testing
import Text
import Transformers

@testable import Stages

/// The forms in which a model is loaded.
@Suite struct LanguageModelTests {
  /// What is loaded straight into the packed form decodes to the bits of a network that was loaded as training has it.
  @Test(arguments: [Precision.float32, .bfloat16])
  func answersAreThoseOfTheTrainingForm(precision: Precision) throws {
    let toys = try ToyModels()
    let path = try toys.model("model", seed: 3)
    let compute = Compute(precision: precision)
    let model = try LanguageModel(path: path, compute: compute)
    let trained = LanguageModel(
      try ModelInput(path: path).load(compute: compute, seed: 0, isFrozen: true),
      tokenizer: model.tokenizer,
      stopTokens: model.stopTokens)
    var settings = SamplingSettings()
    settings.maxCompletionLength = 20
    let prompts = (1...3).map { number in
      GenerationRequest(
        prompt: model.tokenizer.tokenizer.encode(String(repeating: "x", count: number)),
        promptID: UInt64(number))
    }
    let answers = try [model, trained].map {
      try PromptSampler($0, settings).answers(
        to: prompts, count: 2, random: CoordinateRandom(seed: 5, stream: "sample"))
    }
    #expect(answers[0] == answers[1])
  }

  /// Opened for its tokenizer alone, a model without weights is one; asked, it says what it lacks.
  @Test func nothingIsLoadedBeforeItIsAsked() throws {
    let toys = try ToyModels()
    let path = try toys.model("model", seed: 3)
    try Files.remove("\(path)/model.safetensors")
    let model = try LanguageModel(path: path, compute: Compute())
    #expect(model.shape.hiddenSize == 16 && !model.stopTokens.isEmpty)
    #expect(throws: ModelError.self) { try model.decoding() }
    #expect(throws: ModelError.self) { try model.transformer() }
  }
}
