import Foundation
import Kernels
import Randomness
import Testing
import Transformers

@testable import Generation

@Suite struct GeneratorTests {
  /// `Goldens/greedy.json`.
  private struct Greedy: Decodable {
    var prompts: [[Int32]]
    var completions: [[Int32]]
    var sums: [Double]
  }

  let random = CoordinateRandom(seed: 4, stream: "generator")

  @Test func greedyTokensAreThoseOfTransformers() throws {
    let url = URL(fileURLWithPath: Bundle.module.bundlePath + "/Goldens/greedy.json")
    let golden = try JSONDecoder().decode(Greedy.self, from: Data(contentsOf: url))
    let requests = golden.prompts.enumerated().map {
      GenerationRequest(prompt: $1, promptID: UInt64($0))
    }
    #expect(requests.count == 3)
    let completions = try Generator(Networks.tiny()).generate(
      requests, SamplingParameters(maximumNewTokens: 24, temperature: 0), random: random)
    #expect(completions.map(\.tokens) == golden.completions)
    #expect(completions.allSatisfy { $0.finishReason == .length })
    for (completion, sum) in zip(completions, golden.sums) {
      let found = completion.logProbabilities.reduce(0.0) { $0 + Double($1) }
      #expect(abs(found - sum) < 1e-3)
    }
  }

  /// To the last bit: there is no gap between sampling and training.
  @Test(arguments: [1.0, 0.7])
  func logProbabilitiesAreThoseOfATrainingPass(temperature: Double) throws {
    let network = try Networks.tiny()
    let requests = Networks.prompts(6)
    let completions = try Generator(network).generate(
      requests, SamplingParameters(maximumNewTokens: 24, temperature: temperature), random: random)
    let pass = network.logProbabilities(
      of: zip(requests, completions).map {
        TargetSequence(prompt: $0.prompt, completion: $1.tokens)
      }, temperature: Float(temperature))
    for (completion, expected) in zip(completions, pass.values) {
      #expect(completion.logProbabilities == expected)
    }
  }

  /// Twenty requests in batches of 1, 3 and 64, in order and in reverse: every bit is the same.
  ///
  /// With fewer places than requests, finished sequences leave and waiting ones take their place.
  @Test func aCompletionDoesNotDependOnItsBatch() throws {
    let network = Networks.toy()
    let requests = Networks.prompts(20)
    let parameters = SamplingParameters(maximumNewTokens: 12, temperature: 0.9, stopTokens: [5])
    let expected = try Generator(network).generate(requests, parameters, random: random)
    #expect(Set(expected.map(\.tokens.count)).count > 3)
    for size in [1, 3] {
      let generator = Generator(network, maximumBatch: size)
      #expect(try generator.generate(requests, parameters, random: random) == expected)
      let reversed = try generator.generate(requests.reversed(), parameters, random: random)
      #expect(reversed.reversed() == expected)
    }
  }

  /// Three prompts of five samples with room for four: a prompt's samples begin in several admissions, and
  /// are what each is by itself.
  @Test func samplesOfOnePromptAreThoseOfEach() throws {
    let network = Networks.toy()
    let requests = (0..<3).flatMap { (prompt: Int) -> [GenerationRequest] in
      let tokens = Array(repeating: Int32(prompt + 1), count: 70)
      return (0..<5).map { (sample: Int) -> GenerationRequest in
        GenerationRequest(prompt: tokens, promptID: UInt64(prompt), sample: UInt32(sample))
      }
    }
    let parameters = SamplingParameters(maximumNewTokens: 9, stopTokens: [5])
    let together = try Generator(network, maximumBatch: 4).generate(
      requests, parameters, random: random)
    let alone = try requests.map {
      try Generator(network).generate([$0], parameters, random: random)[0]
    }
    #expect(together == alone)
  }

  @Test func samplesOfOnePromptDiffer() throws {
    let requests = (0..<8).map {
      GenerationRequest(prompt: [1, 2, 3], promptID: 7, sample: UInt32($0))
    }
    let completions = try Generator(Networks.toy()).generate(
      requests, SamplingParameters(maximumNewTokens: 8), random: random)
    #expect(Set(completions.map(\.tokens)).count == 8)
  }

  @Test func aStopTokenEndsACompletionAndIsPartOfIt() throws {
    let requests = Networks.prompts(20)
    let completions = try Generator(Networks.toy()).generate(
      requests, SamplingParameters(maximumNewTokens: 30, stopTokens: [5, 6]), random: random)
    var stopped = 0
    for completion in completions {
      let places = completion.tokens.indices.filter { [5, 6].contains(completion.tokens[$0]) }
      if completion.finishReason == .stop {
        stopped += 1
        #expect(places == [completion.tokens.count - 1])
      } else {
        #expect(places.isEmpty && completion.tokens.count == 30)
      }
    }
    #expect(stopped > 0)
  }

  /// A condition sees its own completion's tokens, one after the other; here it waits for three.
  @Test func aStopConditionIsAskedAfterEachTokenOfItsOwnCompletion() throws {
    let completions = try Generator(Networks.toy(), maximumBatch: 4).generate(
      Networks.prompts(9), SamplingParameters(maximumNewTokens: 30), random: random,
      makeStopCondition: {
        var count = 0
        return { _ in
          count += 1
          return count == 3
        }
      })
    #expect(completions.allSatisfy { $0.tokens.count == 3 && $0.finishReason == .stop })
  }

  @Test func everyCompletionIsToldOnceAsItEnds() throws {
    let requests = Networks.prompts(11)
    var told: [Int: Completion] = [:]
    let completions = try Generator(Networks.toy(), maximumBatch: 3).generate(
      requests, SamplingParameters(maximumNewTokens: 9, stopTokens: [5]), random: random,
      onFinish: { index, completion in
        #expect(told[index] == nil)
        told[index] = completion
      })
    #expect((0..<11).map { told[$0] } == completions)
  }

  /// Eight positions: a prompt of six has room for two tokens and the one after them; of eight, for the
  /// one that the last position gives; of nine, for none.
  @Test func positionsLimitACompletion() throws {
    let requests = [6, 8, 9].map {
      GenerationRequest(prompt: Array(repeating: 1, count: $0), promptID: 1)
    }
    let completions = try Generator(Networks.toy(maximumPosition: 8)).generate(
      requests, SamplingParameters(maximumNewTokens: 30), random: random)
    #expect(completions.map(\.tokens.count) == [3, 1, 0])
    #expect(completions.allSatisfy { $0.finishReason == .length })
  }
}
