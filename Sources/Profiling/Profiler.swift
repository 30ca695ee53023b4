internal import Glibc
internal import Synchronization

/// The clock of a process: what its stage's thread spends time on.
///
/// One for all, since time is the process's: kernels, ranks and files do not have to hand it on. While it is off,
/// `measure` is a branch. Only the thread that began is measured; what others do is in the time that it waits for them.
public enum Profiler {
  private static let isOn = Atomic<Bool>(false)
  private static let thread = Atomic<UInt>(0)
  private static let clock = Mutex<ActivityClock?>(nil)

  /// Begins a profile of this thread.
  public static func begin() {
    clock.withLock { $0 = ActivityClock(now: now()) }
    thread.store(UInt(pthread_self()), ordering: .relaxed)
    isOn.store(true, ordering: .releasing)
  }

  /// Ends the profile and gives it; nil where none was begun.
  public static func end() -> Profile? {
    isOn.store(false, ordering: .releasing)
    return clock.withLock { clock in
      defer { clock = nil }
      return clock?.profile(now: now())
    }
  }

  /// Does something, and notes how long it took where a profile is wanted.
  ///
  /// What is measured within it is taken off its time. `work` is asked for only then.
  @inlinable
  public static func measure<Result, Failure: Error>(
    _ activity: Activity, _ work: @autoclosure () -> Work = .unknown,
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    guard isMeasuring else { return try body() }
    enter(activity)
    defer { leave(work()) }
    return try body()
  }

  /// Whether this thread's time is wanted.
  public static var isMeasuring: Bool {
    isOn.load(ordering: .relaxed) && thread.load(ordering: .relaxed) == UInt(pthread_self())
  }

  @usableFromInline
  static func enter(_ activity: Activity) {
    clock.withLock { $0?.enter(activity, now: now()) }
  }

  @usableFromInline
  static func leave(_ work: Work) {
    clock.withLock { $0?.leave(work, now: now()) }
  }

  /// Nanoseconds of a clock that only goes forward.
  private static func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
