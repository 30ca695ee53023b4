import Synchronization
import Testing

@testable import Kernels

@Suite struct ThreadCrewTests {
  /// Pieces of `work` beyond what one thread does by itself.
  private func counts(_ compute: Compute, pieces: Int) -> [Int] {
    let done = (0..<pieces).map { _ in Counter() }
    compute.concurrently(pieces, work: 1 << 20) {
      done[$0].value.wrappingAdd(1, ordering: .relaxed)
    }
    return done.map { $0.value.load(ordering: .relaxed) }
  }

  private final class Counter: Sendable {
    let value = Atomic<Int>(0)
  }

  @Test(arguments: [1, 2, 3, 8, 64])
  func everyPieceIsDoneOnceOnAnyNumberOfThreads(threads: Int) {
    let compute = Compute(threads: threads)
    for pieces in [1, 2, 7, 100] {
      for _ in 0..<50 { #expect(counts(compute, pieces: pieces).allSatisfy { $0 == 1 }) }
    }
  }

  /// The crew is at the outer job then: a piece does the inner one by itself.
  @Test func aPieceMayShareOutWorkItself() {
    let compute = Compute(threads: 4)
    let inner = (0..<6).map { _ in Counter() }
    compute.concurrently(6, work: 1 << 20) { piece in
      for count in counts(compute, pieces: 5) {
        inner[piece].value.wrappingAdd(count, ordering: .relaxed)
      }
    }
    #expect(inner.map { $0.value.load(ordering: .relaxed) } == Array(repeating: 5, count: 6))
  }

  @Test func manyMayShareOutWorkAtOnce() async {
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<8 {
        group.addTask {
          (0..<200).allSatisfy { _ in
            counts(Compute(threads: 3), pieces: 9).allSatisfy { $0 == 1 }
          }
        }
      }
      for await isRight in group { #expect(isRight) }
    }
  }

  /// What is shared out finds threads that sleep, too.
  @Test func threadsThatSleepAreWoken() async throws {
    for _ in 0..<5 {
      try await Task.sleep(for: .milliseconds(20))
      let crew = ThreadCrew.shared
      let (here, joined) = (Counter(), Counter())
      let start = ContinuousClock.now
      // The caller stays in the job until somebody has come, for as long as a busy machine may take.
      let wasFree = crew.run(helpers: 1) {
        if here.value.wrappingAdd(1, ordering: .relaxed).oldValue > 0 {
          joined.value.store(1, ordering: .relaxed)
        }
        while joined.value.load(ordering: .relaxed) == 0, ContinuousClock.now - start < .seconds(20)
        {}
      }
      if wasFree { #expect(joined.value.load(ordering: .relaxed) == 1) }
    }
  }
}
