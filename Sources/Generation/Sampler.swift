import Kernels
import Profiling
import Randomness

/// Draws tokens from rows of logits.
struct Sampler {
  /// What a token is drawn for.
  struct Draw {
    /// The row of logits.
    var row: Int
    var request: GenerationRequest
    /// The tokens so far.
    var completion: [Int32]
  }

  let parameters: SamplingParameters
  let random: CoordinateRandom

  /// The next token of each sequence, and its log-probability.
  ///
  /// The log-probability is that of the whole row, whatever may not be drawn: what a training pass gives.
  func next(
    _ logits: Matrix, _ draws: [Draw], _ compute: Compute
  ) -> [(token: Int32, logProbability: Float)] {
    var drawn = [(token: Int32, logProbability: Float)](
      repeating: (token: 0, logProbability: 0), count: draws.count)
    drawn.withUnsafeMutableBufferPointer { drawn in
      nonisolated(unsafe) let drawn = drawn
      Profiler.measure(.drawing) {
        compute.concurrently(draws.count, work: draws.count * logits.columns) { index in
          drawn[index] = next(logits, draws[index])
        }
      }
    }
    return drawn
  }

  private func next(_ logits: Matrix, _ draw: Draw) -> (token: Int32, logProbability: Float) {
    let distribution = TokenDistribution(
      logits, row: draw.row, temperature: Float(parameters.scoringTemperature))
    let limit = parameters.vocabularyLimit.map { $0 > 0 ? min($0, logits.columns) : logits.columns }
    let token: Int
    if parameters.hasPenalties || parameters.hasFilters {
      var row = CandidateRow(
        logits, row: draw.row, limit: limit ?? logits.columns, parameters: parameters)
      token = row.next(draw.request.prompt, draw.completion) { uniform(draw) }
    } else if parameters.temperature == 0 {
      token = distribution.mostLikely(below: limit ?? logits.columns)
    } else {
      token = distribution.draw(uniform(draw), below: limit ?? logits.columns)
    }
    return (Int32(token), distribution.logProbability(token))
  }

  private func uniform(_ draw: Draw) -> Double {
    random.uniform(
      draw.request.promptID,
      UInt64(draw.request.sample) << 32 | UInt64(draw.completion.count))
  }
}
