import CVectors
import Dispatch
internal import Glibc
import Synchronization

/// The threads that kernels share their pieces of work with.
///
/// What a kernel does for a small model, or for one decoded token, takes no longer than the system takes to wake a thread.
/// So a thread without work goes on looking for it a while before it sleeps, and who shares work out never
/// waits for a thread that has not come yet.
final class ThreadCrew: Sendable {
  static let shared = ThreadCrew()

  /// How often a thread looks for work before it sleeps: some tens of microseconds.
  private static let looks = 2000

  /// Whether work is being shared out: one job at a time.
  private let isBusy = Atomic<Bool>(false)
  /// The job's number in the upper half, and in the lower how many threads may still join it.
  private let invitation = Atomic<UInt64>(0)
  /// How often threads have joined the job and are through with it.
  private let left = Atomic<Int>(0)
  /// Threads that sleep, or are about to, and have not been woken.
  private let sleepers = Atomic<Int>(0)
  private let alarm = DispatchSemaphore(value: 0)
  private let threads = Atomic<Int>(0)
  /// Written while nobody is invited, read by those who joined.
  nonisolated(unsafe) private var job: (() -> Void)?

  /// Does `job` here and, at the same time, on as many as `helpers` other threads; returns when none of them is in it.
  ///
  /// `job` has to be one that does nothing once all is done. False where the crew is at another job, be it the one
  /// that this one is part of: then nothing was done.
  func run(helpers: Int, _ job: () -> Void) -> Bool {
    guard
      isBusy.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged
    else { return false }
    defer { isBusy.store(false, ordering: .releasing) }
    hire(helpers)
    withoutActuallyEscaping(job) { job in
      self.job = job
      left.store(0, ordering: .relaxed)
      let number = (invitation.load(ordering: .relaxed) >> 32 &+ 1) << 32
      invitation.store(number | UInt64(helpers), ordering: .sequentiallyConsistent)
      wake(helpers)
      job()
      let late = Int(
        truncatingIfNeeded: invitation.exchange(number, ordering: .acquiringAndReleasing) &- number)
      wait(for: helpers - late)
      self.job = nil
    }
    return true
  }

  /// Until so many have left the job.
  private func wait(for joined: Int) {
    var looks = 0
    while left.load(ordering: .acquiring) < joined {
      zhinao_pause()
      looks += 1
      // Somebody else has the processor that a helper needs.
      if looks > ThreadCrew.looks { sched_yield() }
    }
  }

  // MARK: What a thread does

  private func serve() {
    var looks = 0
    while true {
      if joins() {
        help()
        left.wrappingAdd(1, ordering: .releasing)
        looks = 0
      } else if looks < ThreadCrew.looks {
        zhinao_pause()
        looks += 1
      } else {
        sleep()
        looks = 0
      }
    }
  }

  private func joins() -> Bool {
    var found = invitation.load(ordering: .acquiring)
    while found & 0xFFFF_FFFF > 0 {
      let (isTaken, current) = invitation.compareExchange(
        expected: found, desired: found - 1, ordering: .acquiringAndReleasing)
      if isTaken { return true }
      found = current
    }
    return false
  }

  /// A function of its own: the job is let go of before it is said to be left.
  @inline(never) private func help() { job?() }

  /// Sleeps until it is woken; not at all where an invitation came meanwhile.
  private func sleep() {
    sleepers.wrappingAdd(1, ordering: .sequentiallyConsistent)
    let isInvited = invitation.load(ordering: .sequentiallyConsistent) & 0xFFFF_FFFF > 0
    // Who cannot take a sleeper back has been woken already.
    if isInvited, takeSleeper() { return }
    alarm.wait()
  }

  private func wake(_ count: Int) {
    for _ in 0..<count where takeSleeper() { alarm.signal() }
  }

  private func takeSleeper() -> Bool {
    var found = sleepers.load(ordering: .sequentiallyConsistent)
    while found > 0 {
      let (isTaken, current) = sleepers.compareExchange(
        expected: found, desired: found - 1, ordering: .sequentiallyConsistent)
      if isTaken { return true }
      found = current
    }
    return false
  }

  /// Starts threads that are missing.
  ///
  /// Where the system has none to give, the work is done by fewer.
  private func hire(_ wanted: Int) {
    while threads.load(ordering: .relaxed) < wanted {
      var thread = pthread_t()
      let status = pthread_create(
        &thread, nil,
        { _ in
          ThreadCrew.shared.serve()
          return nil
        }, nil)
      guard status == 0 else { return }
      pthread_detach(thread)
      threads.wrappingAdd(1, ordering: .relaxed)
    }
  }
}
