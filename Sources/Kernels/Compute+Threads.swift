import Synchronization

extension Compute {
  /// Having another thread join costs about a microsecond, and where it sleeps some more: less work than this (floats touched, or
  /// multiplications divided by eight) stays on the caller's.
  private static let dispatchWorth = 1 << 14

  /// Does `count` pieces of work, on several threads where it is worth it.
  ///
  /// What a piece is must not depend on `threads`; who does it does not matter then.
  func spread(_ count: Int, work: Int, _ body: (Int) -> Void) {
    let tasks = work < Compute.dispatchWorth ? 1 : min(threads, count)
    guard tasks > 1 else {
      for index in 0..<count { body(index) }
      return
    }
    let next = Atomic<Int>(0)
    func takePieces() {
      while true {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard index < count else { return }
        body(index)
      }
    }
    // A piece of a job that is itself shared out is done by one thread.
    if !ThreadCrew.shared.run(helpers: tasks - 1, takePieces) { takePieces() }
  }

  /// Does `count` independent things, on several threads where it is worth it.
  ///
  /// `work` is how many numbers they touch. What one does must not depend on another, or on threads.
  public func concurrently(_ count: Int, work: Int, _ body: (Int) -> Void) {
    spread(count, work: work, body)
  }

  /// Does a range of things in blocks of `block`.
  func spreadBlocks(_ count: Int, block: Int, work: Int, _ body: (Range<Int>) -> Void) {
    spread((count + block - 1) / block, work: work) { index in
      body(index * block..<min(count, (index + 1) * block))
    }
  }

  /// Does rows of `columns` numbers in blocks of about 64 KiB.
  func spreadRows(_ rows: Int, columns: Int, _ body: (Range<Int>) -> Void) {
    let block = max(1, 16_384 / max(columns, 1))
    spreadBlocks(rows, block: block, work: rows * columns, body)
  }

  /// Does a vector of `count` numbers in blocks of 64 KiB.
  func spreadVector(_ count: Int, _ body: (Range<Int>) -> Void) {
    spreadBlocks(count, block: 16_384, work: count, body)
  }
}
