import ArgumentParser
import Generation
import JSON
import Kernels
import Pipeline
import Randomness
import Stages
import Text
import Transformers

/// `zhinao-align generate`.
struct Generate: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Lets a model go on with prompts.")

  @Argument(help: ModelArgument.help)
  var model: String

  @OptionGroup var base: BaseOption
  @OptionGroup var prompts: PromptOptions
  @OptionGroup var sampling: SamplingOptions

  @Option(
    help: ArgumentHelp(
      """
      What weights are kept in: float32 (the numbers of training), bfloat16, int8 or int4. Fewer bits are \
      read faster. [default: float32; with --bf16 bfloat16]
      """, valueName: "format"))
  var weights: PackedWeights.Format?

  @Flag(
    help: ArgumentHelp(
      "Multiplies as stages with `bf16: true` do: faster where many prompts go on at once."))
  var bf16 = false

  @Option(help: "Threads to compute with. [default: the cores]")
  var threads: Int?

  @Flag(help: "Writes a JSON line for each completion.")
  var json = false

  func validate() throws {
    if let threads, !(1...4096).contains(threads) {
      throw ValidationError("--threads is from 1 to 4096, found \(threads)")
    }
    if bf16, weights == .float32 {
      throw ValidationError("--bf16 reads weights in two bytes or fewer, found --weights float32")
    }
  }

  func run() throws {
    let model = try ModelArgument(model, base: base.base)
    let tokenizer = try model.chatTokenizer()
    let prompts = try prompts.read(tokenizer)
    try check(prompts, model.directory)
    let parameters = sampling.parameters(model, tokenizer)
    let network = try model.loadForDecoding(
      compute: Compute(
        precision: bf16 ? .bfloat16 : .float32, threads: threads ?? MachineLimits.threads()),
      format: weights ?? (bf16 ? .bfloat16 : .float32))
    let writer = GenerationWriter(
      tokenizer: tokenizer.tokenizer, stops: sampling.stop, hidden: Set(parameters.stopTokens),
      isStreaming: !json && prompts.count == 1 && sampling.n == 1)
    let requests = prompts.enumerated().flatMap { index, prompt in
      (0..<sampling.n).map {
        GenerationRequest(prompt: prompt.ids, promptID: UInt64(index), sample: UInt32($0))
      }
    }
    var waiting: [Int: Completion] = [:]
    var next = 0
    do {
      _ = try Generator(network, cacheBytes: sampling.kvCacheMemoryBytes?.bytes).generate(
        requests, parameters, random: CoordinateRandom(seed: sampling.seed, stream: "generate"),
        makeStopCondition: writer.stopCondition,
        onFinish: { index, completion in
          waiting[index] = completion
          while let ready = waiting.removeValue(forKey: next) {
            write(ready, next, prompts, writer)
            next += 1
          }
        })
    } catch {
      throw Failure(.badInput, error.message(setting: "--kv-cache-memory-bytes"))
    }
  }

  /// Completions come in any order, and are written in the prompts' order.
  private func write(
    _ completion: Completion, _ index: Int, _ prompts: [PromptOptions.Prompt],
    _ writer: GenerationWriter
  ) {
    let prompt = prompts[index / sampling.n]
    if json {
      Console.result(writer.line(completion, prompt: prompt.shown).serialized())
    } else {
      if prompts.count * sampling.n > 1 {
        let sample = sampling.n > 1 ? ", sample \(index % sampling.n + 1)" : ""
        Console.talk(Paint.faint("prompt \(index / sampling.n + 1)\(sample):"))
      }
      writer.finish(completion)
    }
  }

  private func check(_ prompts: [PromptOptions.Prompt], _ model: ModelDirectory) throws {
    for prompt in prompts {
      if prompt.ids.isEmpty {
        throw Failure(.badInput, "\(prompt.place): the prompt has no tokens")
      }
      if prompt.ids.count >= model.shape.maximumPosition {
        throw Failure(
          .badInput,
          "\(prompt.place): the prompt has \(prompt.ids.count) tokens, and the model has room for "
            + "\(model.shape.maximumPosition) with the answer")
      }
      if let id = prompt.ids.first(where: { $0 < 0 || $0 >= model.shape.vocabularySize }) {
        throw Failure(
          .badInput,
          "\(model.path): the tokenizer gives the id \(id), and the model has "
            + "\(model.shape.vocabularySize) tokens")
      }
    }
  }
}

extension ModelArgument {
  static let help = ArgumentHelp(
    """
    A Hugging Face directory (as workspace/latest/RECIPE/STAGE is), a .gguf file or a PEFT adapter.
    """,
    valueName: "model")
}
