internal import Glibc
internal import Synchronization

/// The request to end, which arrives as a signal: the handler sets a flag and nothing else.
public enum StopSignal {
  private static let flag = Atomic<Int>(0)

  public static var isRaised: Bool { flag.load(ordering: .relaxed) > 0 }
  /// How often it was asked: the second time means at once.
  public static var count: Int { flag.load(ordering: .relaxed) }

  public static func raise() { flag.add(1, ordering: .relaxed) }
  public static func reset() { flag.store(0, ordering: .relaxed) }

  /// Takes INT, TERM and USR1 from now on.
  public static func install() {
    _ = isRaised  // makes the flag before a handler could
    for number in [SIGINT, SIGTERM, SIGUSR1] { signal(number) { _ in StopSignal.raise() } }
    signal(SIGPIPE, SIG_IGN)
  }
}
