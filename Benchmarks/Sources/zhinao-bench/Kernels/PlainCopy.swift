import Dispatch
import Glibc

/// A copy of memory to other memory, each thread its part: what bounds whatever reads and writes once.
///
/// There are two, and the faster one counts: `memcpy` goes around the caches where it is given much, which is
/// right for memory and wrong for what the last cache still holds; a loop that multiplies by one goes through them.
final class PlainCopy {
  private let source: UnsafeMutablePointer<Float>
  private let target: UnsafeMutablePointer<Float>
  private let half: Int
  private let threads: Int
  /// Not known to the compiler, which would make `memcpy` of the loop.
  private let factor: Float

  /// `bytes` are those read and those written, together.
  init(bytes: Int, threads: Int) {
    half = bytes / 8
    self.threads = threads
    source = .allocate(capacity: half)
    target = .allocate(capacity: half)
    source.initialize(repeating: 1, count: half)
    target.initialize(repeating: 2, count: half)
    factor = Float(threads) / Float(threads)
  }

  deinit {
    source.deallocate()
    target.deallocate()
  }

  /// The copies to be timed beside a kernel.
  var bodies: [() -> Void] { [around, through] }

  /// Bytes per second of the faster one, from their times in each round.
  static func speed(bytes: Int, _ times: ArraySlice<[Double]>) -> Double {
    Double(bytes) / (times.map(median).min() ?? .infinity)
  }

  private func around() {
    nonisolated(unsafe) let (source, target) = (source, target)
    inParts { memcpy(target + $0.lowerBound, source + $0.lowerBound, $0.count * 4) }
  }

  private func through() {
    nonisolated(unsafe) let (source, target) = (source, target)
    inParts { [factor] part in
      for index in part { target[index] = source[index] * factor }
    }
  }

  private func inParts(_ body: @Sendable (Range<Int>) -> Void) {
    let size = (half + threads - 1) / threads
    DispatchQueue.concurrentPerform(iterations: threads) { [half] index in
      let start = min(half, index * size)
      body(start..<min(half, start + size))
    }
  }
}
