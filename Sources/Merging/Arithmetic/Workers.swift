import Dispatch
import Glibc
import Synchronization

/// Threads that share work out among themselves.
///
/// Pieces of work are cut without regard to how many threads there are, and what comes of them is put together in the pieces'
/// order: no number of threads changes a bit.
struct Workers: Sendable {
  var threads: Int

  init(threads: Int) {
    precondition(threads > 0, "\(threads) threads cannot work")
    self.threads = threads
  }

  /// The processors that are switched on.
  static var available: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  /// Does pieces 0 ..< `count`, each once; every thread begins with a state of its own and keeps it.
  ///
  /// - Returns: the states, in no order that means anything.
  /// - Throws: the error of the first piece that had one, of those that were done.
  func gather<State: Sendable>(
    _ count: Int, startingWith start: @autoclosure () -> State,
    _ body: (inout State, Int) throws -> Void
  ) throws -> [State] {
    let tasks = min(threads, count)
    guard tasks > 1 else {
      var state = start()
      for piece in 0..<count { try body(&state, piece) }
      return [state]
    }
    let next = Atomic<Int>(0)
    let outcome = Mutex<(states: [State], failure: (piece: Int, error: any Error)?)>(([], nil))
    withoutActuallyEscaping(body) { body in
      withoutActuallyEscaping(start) { start in
        // Pieces write to states and places of their own, and all are done when this returns.
        nonisolated(unsafe) let (body, start) = (body, start)
        DispatchQueue.concurrentPerform(iterations: tasks) { _ in
          var state = start()
          while true {
            let piece = next.wrappingAdd(1, ordering: .relaxed).oldValue
            guard piece < count else { break }
            do {
              try body(&state, piece)
            } catch {
              // The others end when there is nothing left to take.
              next.store(count, ordering: .relaxed)
              outcome.withLock {
                if $0.failure.map({ piece < $0.piece }) ?? true { $0.failure = (piece, error) }
              }
            }
          }
          let done = state
          outcome.withLock { $0.states.append(done) }
        }
      }
    }
    let (states, failure) = outcome.withLock { ($0.states, $0.failure) }
    if let failure { throw failure.error }
    return states
  }

  /// What comes of pieces 0 ..< `count`, in their order; every thread has a scratch of its own.
  func map<Scratch: Sendable, Result: Sendable>(
    _ count: Int, scratch: @autoclosure () -> Scratch, _ body: (inout Scratch, Int) throws -> Result
  ) throws -> [Result] {
    let states = try gather(
      count, startingWith: (scratch: scratch(), results: [(piece: Int, result: Result)]())
    ) { state, piece in
      let result = try body(&state.scratch, piece)
      state.results.append((piece, result))
    }
    return states.flatMap(\.results).sorted { $0.piece < $1.piece }.map(\.result)
  }
}
