import Glibc
import Kernels
import Randomness
import Testing

@testable import Generation

/// The rules of drawing, on a vocabulary of five that can be worked out by hand.
@Suite struct SamplerTests {
  /// Probabilities 0.4, 0.3, 0.2, 0.08 and 0.02.
  let logits: [Float] = [0.4, 0.3, 0.2, 0.08, 0.02].map { Float(log($0)) }

  @Test func withoutFiltersTokensComeInProportion() {
    let counts = draws(SamplingParameters(), 20_000)
    // Four standard deviations of a share of 0.4 are 0.014.
    for (count, share) in zip(counts, [0.4, 0.3, 0.2, 0.08, 0.02]) {
      #expect(abs(Double(count) / 20_000 - share) < 0.014)
    }
  }

  /// Shares to the power 2: 0.16, 0.09, 0.04, 0.0064, 0.0004 of 0.2968.
  @Test func aTemperatureOfOneHalfSquaresTheShares() {
    let counts = draws(SamplingParameters(temperature: 0.5), 20_000)
    for (count, share) in zip(counts, [0.5391, 0.3032, 0.1348, 0.0216, 0.0013]) {
      #expect(abs(Double(count) / 20_000 - share) < 0.014)
    }
  }

  @Test func temperatureZeroTakesTheFirstOfTheMostLikely() {
    let sampler = Sampler(parameters: SamplingParameters(temperature: 0), random: random)
    #expect(next(sampler, [1, 3, 3, 2]).token == 1)
    #expect(next(sampler, logits).token == 0)
  }

  /// Two of five are rows of no token: the rest keep their proportion, and their log-probabilities.
  @Test func rowsBehindTheVocabularyAreNeverDrawn() {
    #expect(drawn(SamplingParameters(vocabularyLimit: 3)) == [0, 1, 2])
    #expect(drawn(SamplingParameters(topK: 4, vocabularyLimit: 3)) == [0, 1, 2])
    #expect(drawn(SamplingParameters(vocabularyLimit: 9)) == [0, 1, 2, 3, 4])
    let parameters = SamplingParameters(temperature: 0, vocabularyLimit: 2)
    let sampler = Sampler(parameters: parameters, random: random)
    let found = next(sampler, [0.1, 0.2, 0.7].map { Float(log($0)) })
    #expect(found.token == 1)
    #expect(abs(found.logProbability - Float(log(0.2))) < 1e-6)
  }

  @Test func topKKeepsTheMostLikely() {
    #expect(drawn(SamplingParameters(topK: 2)) == [0, 1])
    #expect(drawn(SamplingParameters(topK: 1)) == [0])
    #expect(drawn(SamplingParameters(topK: 50)) == [0, 1, 2, 3, 4])
  }

  /// 0.4 + 0.3 reach 0.7 only with both; 0.71 needs the third.
  @Test func topPKeepsTheFewestThatReachIt() {
    #expect(drawn(SamplingParameters(topP: 0.69)) == [0, 1])
    #expect(drawn(SamplingParameters(topP: 0.71)) == [0, 1, 2])
    #expect(drawn(SamplingParameters(topP: 0.1)) == [0])
  }

  /// Of the three that top-k keeps, 0.4 / 0.9 and 0.3 / 0.9 reach 0.75; of all five they do not.
  @Test func topPCountsWithinWhatTopKKeeps() {
    #expect(drawn(SamplingParameters(topK: 3, topP: 0.75)) == [0, 1])
    #expect(drawn(SamplingParameters(topP: 0.75)) == [0, 1, 2])
  }

  /// A fifth of 0.4 is 0.08: the fourth stays, the fifth goes.
  @Test func minPKeepsAShareOfTheMostLikely() {
    #expect(drawn(SamplingParameters(minP: 0.19)) == [0, 1, 2, 3])
    #expect(drawn(SamplingParameters(minP: 0.21)) == [0, 1, 2])
    #expect(drawn(SamplingParameters(minP: 1)) == [0])
  }

  /// min-p is last, as in transformers: were it first, 0.7 of 0.7 would be reached by one and two alone
  /// and top-p 0.57 of it by the first alone (0.4 / 0.7 = 0.571).
  @Test func minPComesAfterTopP() {
    #expect(drawn(SamplingParameters(topP: 0.57, minP: 0.6)) == [0, 1])
  }

  /// The log-probability is the network's at the temperature: filters and penalties do not enter.
  @Test func logProbabilitiesAreTheNetworksOwn() {
    let sampler = Sampler(
      parameters: SamplingParameters(temperature: 0.5, topK: 1, repetitionPenalty: 1.1),
      random: random)
    let result = next(sampler, logits)
    #expect(result.token == 0)
    #expect(abs(Double(result.logProbability) - log(0.16 / 0.2968)) < 1e-6)
  }

  /// Positive logits are divided, negative ones multiplied, prompt and completion alike, once each.
  @Test func aRepetitionPenaltyMovesLogitsTowardsLessLikely() {
    let sampler = Sampler(
      parameters: SamplingParameters(temperature: 0, repetitionPenalty: 2), random: random)
    // 4 / 2 = 2 < 3.
    #expect(next(sampler, [4, 3, 1, -1], completion: [0, 0]).token == 1)
    #expect(next(sampler, [4, 3, 1, -1], prompt: [0]).token == 1)
    // −1 · 2 = −2 < −1.5.
    #expect(next(sampler, [-1, -1.5, -3, -4], prompt: [0]).token == 1)
  }

  @Test func presenceCountsOnceAndFrequencyEveryTime() {
    let presence = Sampler(
      parameters: SamplingParameters(temperature: 0, presencePenalty: 1), random: random)
    #expect(next(presence, [4, 3.5, 2.5], completion: [0]).token == 1)
    #expect(next(presence, [5, 3.5, 2.5], completion: [0, 0, 0]).token == 0)
    let frequency = Sampler(
      parameters: SamplingParameters(temperature: 0, frequencyPenalty: 1), random: random)
    #expect(next(frequency, [5, 3.5, 2.5], completion: [0]).token == 0)
    #expect(next(frequency, [5, 3.5, 2.5], completion: [0, 2, 0]).token == 1)
    // The prompt does not count for these two.
    #expect(next(frequency, [5, 3.5, 2.5], prompt: [0, 0]).token == 0)
  }

  /// A row that the vocabulary has and no text ever used: as unlikely as it is, it is never drawn.
  @Test func aTokenOfNoProbabilityIsNeverDrawn() {
    let row: [Float] = [0, -.infinity, 1, -.infinity]
    for parameters in [
      SamplingParameters(), SamplingParameters(topK: 4), SamplingParameters(topP: 0.999),
    ] {
      let sampler = Sampler(parameters: parameters, random: random)
      for sample in 0..<500 {
        let token = next(sampler, row, sample: UInt32(sample)).token
        #expect(token == 0 || token == 2)
      }
    }
  }

  private let random = CoordinateRandom(seed: 9, stream: "sampler")

  private func next(
    _ sampler: Sampler, _ row: [Float], prompt: [Int32] = [], completion: [Int32] = [],
    sample: UInt32 = 0
  ) -> (token: Int32, logProbability: Float) {
    sampler.next(
      Matrix(rows: 1, columns: row.count, values: row),
      [
        Sampler.Draw(
          row: 0, request: GenerationRequest(prompt: prompt, promptID: 1, sample: sample),
          completion: completion)
      ], Compute())[0]
  }

  private func draws(_ parameters: SamplingParameters, _ count: Int) -> [Int] {
    let sampler = Sampler(parameters: parameters, random: random)
    var counts = [Int](repeating: 0, count: 5)
    for sample in 0..<count {
      counts[Int(next(sampler, logits, sample: UInt32(sample)).token)] += 1
    }
    return counts
  }

  /// The tokens that are drawn at all.
  private func drawn(_ parameters: SamplingParameters) -> [Int] {
    let counts = draws(parameters, 2_000)
    return counts.indices.filter { counts[$0] > 0 }
  }
}
