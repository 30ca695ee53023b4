import Kernels
import Randomness
import Testing
import Transformers

@testable import Generation

@Suite struct CacheBudgetTests {
  let random = CoordinateRandom(seed: 4, stream: "cache")

  /// Prompts of 5, 64, 70 and 130 tokens, five samples of each, in some order.
  private var requests: [GenerationRequest] {
    [70, 5, 130, 64].enumerated().flatMap { index, count in
      (0..<5).map { sample in
        GenerationRequest(
          prompt: (0..<count).map { Int32(($0 * 7 + index) % 24) }, promptID: UInt64(index),
          sample: UInt32(sample))
      }
    }
  }

  /// The greatest need: 130 tokens are eight whole pages and one begun, 130 + 20 − 1 positions ten pages, and the four
  /// samples that wait keep the begun page: 8 + 2 + 1.
  @Test func aLimitOfTheCacheChangesNoCompletion() throws {
    let network = Networks.toy(maximumPosition: 256)
    let parameters = SamplingParameters(maximumNewTokens: 20, stopTokens: [5])
    let page = network.shape.cachePageBytes
    let free = try Generator(network).generate(requests, parameters, random: random)
    #expect(Set(free.map(\.tokens.count)).count > 2)
    for pages in [11, 13, 24, 100] {
      let limited = try Generator(network, cacheBytes: pages * page).generate(
        requests, parameters, random: random)
      #expect(limited == free)
    }
  }

  @Test func aCacheThatHoldsNoSequenceNamesTheLeastThatDoes() throws {
    let network = Networks.toy(maximumPosition: 256)
    let page = network.shape.cachePageBytes
    let error = GenerationError.cacheTooSmall(
      limit: 11 * page - 1, needed: 11 * page, promptLength: 130, newTokens: 20)
    #expect(throws: error) {
      try Generator(network, cacheBytes: 11 * page - 1).generate(
        requests, SamplingParameters(maximumNewTokens: 20), random: random)
    }
  }

  /// A page of keys is heads · 16 · d numbers, one of values the same with d filled up to sixteens; here two layers of two
  /// heads of four: 2 · 2 · 16 · (4 + 16) · 4 bytes.
  @Test func aPageHasTheBytesOfItsKeysAndValues() {
    #expect(Networks.toy().shape.cachePageBytes == 5120)
  }

  /// Seven pages; a prompt of 20 has one whole page, its samples two pages in all, so one of their own.
  @Test func samplesBeginAsFarAsThereAreFreePagesAndGiveThemBack() {
    let need = CacheBudget.Need(promptLength: 20, limit: 30)
    #expect(need.shared == 1 && need.own == 1 && need.isPartial)
    var budget = CacheBudget(pages: 7)
    // 1 + 5 · 1, and 1 for those that wait.
    #expect(budget.admit(64, of: 9, need, hasBegun: false) == 5)
    #expect(budget.free == 0)
    #expect(budget.admit(64, of: 4, need, hasBegun: true) == 0)
    budget.release(need, isLast: false)
    #expect(budget.admit(64, of: 4, need, hasBegun: true) == 1)
    for _ in 0..<3 { budget.release(need, isLast: false) }
    // The last three take the page that was kept for them.
    #expect(budget.admit(64, of: 3, need, hasBegun: true) == 3)
    #expect(budget.free == 1)
    for left in (0..<5).reversed() { budget.release(need, isLast: left == 0) }
    #expect(budget.free == 7)
  }
}
