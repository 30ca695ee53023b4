import Kernels
public import Randomness
public import Transformers

/// Continues prompts with a KV cache, many at a time.
///
/// Finished sequences leave the batch and waiting ones take their place. A completion is a function
/// of the network, its prompt, the parameters and the coordinates of its request: the same tokens
/// whatever else is in the batch.
public struct Generator {
  /// Whether a completion's text has come to its end; asked after each token.
  public typealias StopCondition = (_ token: Int32) -> Bool

  private let transformer: Transformer
  /// The most sequences that are continued at once.
  private let maximumBatch: Int

  public init(_ transformer: Transformer, maximumBatch: Int = 64) {
    self.transformer = transformer
    self.maximumBatch = maximumBatch
  }

  /// A sequence on its way.
  private struct Running {
    let index: Int
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
  public func generate(
    _ requests: [GenerationRequest], _ parameters: SamplingParameters, random: CoordinateRandom,
    makeStopCondition: (() -> StopCondition)? = nil,
    onFinish: ((Int, Completion) -> Void)? = nil
  ) -> [Completion] {
    var sampler = Sampler(parameters: parameters, random: random)
    var completions: [Completion?] = Array(repeating: nil, count: requests.count)
    var running: [Running] = []
    var next = 0
    while next < requests.count || !running.isEmpty {
      let free = maximumBatch - running.count
      // Prompts are admitted a few at a time: a pass over many costs less than many passes.
      if next < requests.count, free >= min(maximumBatch / 4 + 1, requests.count - next) {
        let admitted = Array(next..<min(next + free, requests.count))
        next += admitted.count
        let fitting = admitted.filter { hasRoom(after: requests[$0].prompt, parameters) }
        for index in admitted where !hasRoom(after: requests[index].prompt, parameters) {
          let nothing = Completion(tokens: [], logProbabilities: [], finishReason: .length)
          completions[index] = nothing
          onFinish?(index, nothing)
        }
        running += admit(fitting, requests, parameters, &sampler, makeStopCondition)
      } else {
        step(&running, requests, parameters, &sampler)
      }
      for sequence in running where sequence.isFinished {
        completions[sequence.index] = sequence.completion
        onFinish?(sequence.index, sequence.completion)
      }
      running.removeAll { $0.isFinished }
    }
    return completions.compactMap { $0 }
  }

  private func hasRoom(after prompt: [Int32], _ parameters: SamplingParameters) -> Bool {
    prompt.count <= transformer.shape.maximumPosition && parameters.maximumNewTokens > 0
  }

  private func admit(
    _ indices: [Int], _ requests: [GenerationRequest], _ parameters: SamplingParameters,
    _ sampler: inout Sampler, _ makeStopCondition: (() -> StopCondition)?
  ) -> [Running] {
    guard !indices.isEmpty else { return [] }
    var running = indices.map { index in
      let needed = requests[index].prompt.count + parameters.maximumNewTokens
      return Running(
        index: index,
        slot: transformer.makeSlot(capacity: min(needed, transformer.shape.maximumPosition)),
        stopCondition: makeStopCondition?())
    }
    let logits = transformer.prefill(
      indices.map { requests[$0].prompt }, slots: running.map(\.slot))
    for row in running.indices {
      extend(&running[row], logits, row, requests, parameters, &sampler)
    }
    return running
  }

  private func step(
    _ running: inout [Running], _ requests: [GenerationRequest],
    _ parameters: SamplingParameters, _ sampler: inout Sampler
  ) {
    let logits = transformer.decode(
      running.compactMap(\.completion.tokens.last), slots: running.map(\.slot))
    for row in running.indices {
      extend(&running[row], logits, row, requests, parameters, &sampler)
    }
  }

  /// Draws a sequence's next token from its row of logits, and says whether it was the last.
  private func extend(
    _ sequence: inout Running, _ logits: Matrix, _ row: Int, _ requests: [GenerationRequest],
    _ parameters: SamplingParameters, _ sampler: inout Sampler
  ) {
    let start = logits.offset + row * logits.columns
    let drawn = logits.buffer.withSpan(start..<start + logits.columns) { span in
      sampler.next(
        span, request: requests[sequence.index], completion: sequence.completion.tokens)
    }
    sequence.completion.tokens.append(drawn.token)
    sequence.completion.logProbabilities.append(drawn.logProbability)
    if parameters.stopTokens.contains(drawn.token) || sequence.stopCondition?(drawn.token) == true {
      sequence.completion.finishReason = .stop
      sequence.isFinished = true
    } else if sequence.completion.tokens.count >= parameters.maximumNewTokens
      || sequence.slot.length >= sequence.slot.capacity
    {
      sequence.isFinished = true
    }
  }
}
