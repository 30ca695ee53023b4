import Kernels
import Profiling
public import Randomness
public import Transformers

/// Continues prompts with a KV cache, many at a time.
///
/// Finished sequences leave the batch and waiting ones take their place. A prompt that neighbouring
/// requests share is computed and kept once. A completion is a function of the network, its prompt, the
/// parameters and the coordinates of its request: the same tokens whatever else is in the batch.
public struct Generator {
  /// Whether a completion's text has come to its end; asked after each token.
  public typealias StopCondition = (_ token: Int32) -> Bool

  private let network: DecodingNetwork
  /// The most sequences that are continued at once.
  private let maximumBatch: Int
  /// The most bytes of their keys and values; nil is as many as they have.
  private let cacheBytes: Int?

  /// Neither limit changes a completion: fewer sequences are continued at once.
  public init(_ network: DecodingNetwork, maximumBatch: Int = 64, cacheBytes: Int? = nil) {
    self.network = network
    self.maximumBatch = maximumBatch
    self.cacheBytes = cacheBytes
  }

  /// For a network in memory as it is now; the generator is good until its weights change.
  public init(_ transformer: Transformer, maximumBatch: Int = 64, cacheBytes: Int? = nil) {
    self.init(DecodingNetwork(transformer), maximumBatch: maximumBatch, cacheBytes: cacheBytes)
  }

  /// A sequence on its way.
  private struct Running {
    let index: Int
    let prompt: Int
    let slot: DecodingSlot
    let stopCondition: StopCondition?
    var completion = Completion(tokens: [], logProbabilities: [], finishReason: .length)
    var isFinished = false
  }

  /// A completion for each request, in the requests' order.
  ///
  /// A prompt longer than the network's positions has an empty completion. Every request gets a stop
  /// condition of its own, for stop strings. `onFinish` is told of each completion as it ends, with its
  /// request's index.
  /// - Throws: where the limit of the cache leaves no room for one sequence; nothing is sampled then.
  public func generate(
    _ requests: [GenerationRequest], _ parameters: SamplingParameters, random: CoordinateRandom,
    makeStopCondition: (() -> StopCondition)? = nil,
    onFinish: ((Int, Completion) -> Void)? = nil
  ) throws(GenerationError) -> [Completion] {
    try Profiler.measure(.sampling) { () throws(GenerationError) in
      try sample(
        requests, parameters, random, makeStopCondition: makeStopCondition, onFinish: onFinish)
    }
  }

  private func sample(
    _ requests: [GenerationRequest], _ parameters: SamplingParameters, _ random: CoordinateRandom,
    makeStopCondition: (() -> StopCondition)?, onFinish: ((Int, Completion) -> Void)?
  ) throws(GenerationError) -> [Completion] {
    let sampler = Sampler(parameters: parameters, random: random)
    var completions: [Completion?] = Array(repeating: nil, count: requests.count)
    func finish(_ index: Int, _ completion: Completion) {
      completions[index] = completion
      onFinish?(index, completion)
    }
    var waiting = try queue(requests, parameters)
    for index in waiting.refused {
      finish(index, Completion(tokens: [], logProbabilities: [], finishReason: .length))
    }
    var running: [Running] = []
    while !waiting.isEmpty || !running.isEmpty {
      let free = maximumBatch - running.count
      // Prompts are admitted a few at a time: a pass over many costs less than many passes.
      let isTime = !waiting.isEmpty && free >= min(maximumBatch / 4 + 1, waiting.count)
      let admitted = isTime ? waiting.admit(free, through: network) : []
      if !admitted.isEmpty {
        for admitted in admitted {
          var started = admitted.samples.map { index, slot in
            Running(
              index: index, prompt: admitted.prompt, slot: slot,
              stopCondition: makeStopCondition?())
          }
          let rows = Array(repeating: admitted.row, count: started.count)
          extend(&started, admitted.logits, rows, requests, parameters, sampler)
          running += started
        }
      } else {
        let logits = network.extend(
          running.map(\.slot), with: running.map { [$0.completion.tokens.last ?? 0] })
        extend(&running, logits, Array(running.indices), requests, parameters, sampler)
      }
      for sequence in running where sequence.isFinished {
        finish(sequence.index, sequence.completion)
        waiting.release(prompt: sequence.prompt)
      }
      running.removeAll { $0.isFinished }
    }
    return completions.compactMap { $0 }
  }

  /// Throws what `generate` would throw for these requests; ranks that share them ask for all before they begin.
  public func check(
    _ requests: [GenerationRequest], _ parameters: SamplingParameters
  ) throws(GenerationError) {
    _ = try queue(requests, parameters)
  }

  /// The requests in their order, held against what the cache may take.
  private func queue(
    _ requests: [GenerationRequest], _ parameters: SamplingParameters
  ) throws(GenerationError) -> PromptQueue {
    let pageBytes = network.cachePageBytes
    let pages = cacheBytes.map { $0 / pageBytes }
    // The last token of a completion is not read again.
    let queue = PromptQueue(
      requests, pages: pages,
      limit: { min($0 + parameters.maximumNewTokens - 1, network.shape.maximumPosition) },
      fits: { hasRoom(after: $0, parameters) })
    if let cacheBytes, let pages, let need = queue.greatestNeed, need.pages > pages {
      throw .cacheTooSmall(
        limit: cacheBytes, needed: need.pages * pageBytes,
        promptLength: requests[need.request].prompt.count,
        newTokens: parameters.maximumNewTokens)
    }
    return queue
  }

  private func hasRoom(after prompt: [Int32], _ parameters: SamplingParameters) -> Bool {
    prompt.count <= network.shape.maximumPosition && parameters.maximumNewTokens > 0
  }

  /// Draws each sequence's next token from its row of logits, and says whether it was the last.
  private func extend(
    _ running: inout [Running], _ logits: Matrix, _ rows: [Int], _ requests: [GenerationRequest],
    _ parameters: SamplingParameters, _ sampler: Sampler
  ) {
    let drawn = sampler.next(
      logits,
      running.indices.map { place in
        Sampler.Draw(
          row: rows[place], request: requests[running[place].index],
          completion: running[place].completion.tokens)
      }, network.compute)
    for (place, drawn) in drawn.enumerated() {
      running[place].completion.tokens.append(drawn.token)
      running[place].completion.logProbabilities.append(drawn.logProbability)
      let sequence = running[place]
      if parameters.stopTokens.contains(drawn.token) || sequence.stopCondition?(drawn.token) == true
      {
        running[place].completion.finishReason = .stop
        running[place].isFinished = true
      } else if sequence.completion.tokens.count >= parameters.maximumNewTokens
        || sequence.slot.length >= network.shape.maximumPosition
      {
        running[place].isFinished = true
      }
    }
  }
}
