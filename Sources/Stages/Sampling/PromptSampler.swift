public import Collectives
public import Generation
import JSON
import Kernels
public import Randomness
import Text

/// Asks a model: prompts in, answers with their texts and log-probabilities out.
///
/// An answer is a function of the network, its prompt, the settings and its coordinates (the
/// prompt's number and the sample's), whoever computes it and beside whatever else.
public struct PromptSampler {
  public let model: LanguageModel
  public let parameters: SamplingParameters
  public let stopStrings: [String]
  private let batchSize: Int
  private let cacheLimit: MemorySize?
  private let weights: PackedWeights.Format?

  public init(_ model: LanguageModel, _ settings: SamplingSettings) {
    self.model = model
    parameters = settings.parameters(
      stopTokens: model.stopTokens, vocabularyLimit: model.tokenizer.tokenizer.vocabularySize)
    stopStrings = settings.stopStrings
    batchSize = settings.generationBatchSize
    cacheLimit = settings.kvCacheMemoryBytes
    weights = settings.weights
  }

  /// `count` answers to each prompt, in the order of the prompts.
  ///
  /// `onFinish` is told of each answer as it ends, by its prompt's index.
  /// - Throws: `BadInput` where `kv_cache_memory_bytes` leaves no room for one answer.
  public func answers(
    to prompts: [GenerationRequest], count: Int, random: CoordinateRandom,
    onFinish: ((Int, SampledCompletion) -> Void)? = nil
  ) throws -> [[SampledCompletion]] {
    try answers(of: generator(), to: prompts, count: count, random: random, onFinish: onFinish)
  }

  private func answers(
    of generator: Generator, to prompts: [GenerationRequest], count: Int, random: CoordinateRandom,
    onFinish: ((Int, SampledCompletion) -> Void)? = nil
  ) throws -> [[SampledCompletion]] {
    let completions = try naming { () throws(GenerationError) in
      try generator.generate(
        requests(prompts, count), parameters, random: random,
        makeStopCondition: stopStrings.isEmpty ? nil : { makeStopCondition() },
        onFinish: onFinish.map { tell in { tell($0 / count, sampled($1)) } })
    }
    return prompts.indices.map { index in
      completions[index * count..<(index + 1) * count].map(sampled)
    }
  }

  private func generator() throws -> Generator {
    Generator(
      try model.decoding(as: weights), maximumBatch: batchSize, cacheBytes: cacheLimit?.bytes)
  }

  private func requests(_ prompts: [GenerationRequest], _ count: Int) -> [GenerationRequest] {
    prompts.flatMap { prompt in
      (0..<count).map { sample in
        var request = prompt
        request.sample = prompt.sample + UInt32(sample)
        return request
      }
    }
  }

  /// The same by several ranks: each answers a contiguous share of the prompts, all get everything.
  public func answers(
    to prompts: [GenerationRequest], count: Int, random: CoordinateRandom,
    communicator: any Communicator
  ) throws -> [[SampledCompletion]] {
    let share = SummationTree.leafRange(
      count: prompts.count, rank: communicator.rank, size: communicator.size)
    let generator = try generator()
    // Every rank knows of every prompt, so that all of them stop where one would have to.
    if communicator.size > 1, cacheLimit != nil {
      try naming { () throws(GenerationError) in
        try generator.check(requests(prompts, count), parameters)
      }
    }
    let own = try answers(
      of: generator, to: Array(prompts[share]), count: count, random: random)
    if communicator.size == 1 { return own }
    let lines = own.map { JSON.array($0.map(\.json)).serialized(.compact) }
    let gathered = try communicator.allGather(Array(lines.joined(separator: "\n").utf8))
    return try gathered.flatMap { bytes in
      try bytes.split(separator: UInt8(ascii: "\n")).map { line in
        (try JSON(parsing: line).array ?? []).compactMap(SampledCompletion.init)
      }
    }
  }

  /// What a completion says: up to the token or the text that ended it.
  public func sampled(_ completion: Completion) -> SampledCompletion {
    var tokens = completion.tokens[...]
    if let last = tokens.last, parameters.stopTokens.contains(last) { tokens.removeLast() }
    var text = model.tokenizer.tokenizer.decode(tokens, skippingSpecials: true)
    let ends = stopStrings.compactMap { text.firstRange(of: $0)?.lowerBound }
    if let end = ends.min() { text = String(text[..<end]) }
    return SampledCompletion(text: text, completion: completion)
  }

  /// Watches the text of one completion for a stop string, which may stand across tokens.
  private func makeStopCondition() -> Generator.StopCondition {
    var decoder = model.tokenizer.tokenizer.streamingDecoder(skippingSpecials: true)
    let longest = stopStrings.map(\.count).max() ?? 0
    var tail = ""
    return { token in
      tail += decoder.push(token)
      if stopStrings.contains(where: { tail.contains($0) }) { return true }
      tail = String(tail.suffix(longest))
      return false
    }
  }
}
