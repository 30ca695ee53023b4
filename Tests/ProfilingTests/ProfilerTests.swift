import Testing

@testable import Profiling

/// The profiler is the process's: one test at a time.
@Suite(.serialized) struct ProfilerTests {
  /// A step from 0 to 60 ns, in it attention from 10 to 30 and from 40 to 45: the step has 35 ns of its own.
  @Test func timeBelongsToTheInnermostActivity() {
    var clock = ActivityClock(now: 0)
    clock.enter(.step, now: 0)
    for (start, end) in [(10, 30), (40, 45)] as [(UInt64, UInt64)] {
      clock.enter(.attention, now: start)
      clock.leave(Work(operations: 100), now: end)
    }
    clock.leave(.unknown, now: 60)
    let profile = clock.profile(now: 100)
    #expect(profile.entries.map(\.path) == [[.step], [.step, .attention]])
    #expect(profile.entries.map(\.calls) == [1, 2])
    #expect(profile.entries.map { ($0.seconds * 1e9).rounded() } == [35, 25])
    #expect(profile.entries[1].work == Work(operations: 200))
    #expect((profile.seconds * 1e9).rounded() == 100)
  }

  /// The same activity within two others is two entries.
  @Test func anActivityIsToldApartByWhatItIsPartOf() {
    var clock = ActivityClock(now: 0)
    for (outer, start) in [(Activity.sampling, 0), (.step, 100)] as [(Activity, UInt64)] {
      clock.enter(outer, now: start)
      clock.enter(.norm, now: start)
      clock.leave(.unknown, now: start + 50)
      clock.leave(.unknown, now: start + 50)
    }
    let paths = clock.profile(now: 200).entries.filter { $0.seconds > 0 }.map(\.path)
    #expect(paths == [[.sampling, .norm], [.step, .norm]])
  }

  @Test func nothingIsMeasuredUntilAProfileIsBegun() {
    #expect(Profiler.measure(.data) { 3 } == 3)
    #expect(Profiler.end() == nil)
  }

  /// What throws is measured as well, and the next activity is not within it.
  @Test func anActivityThatFailsEndsAllTheSame() {
    struct Failed: Error {}
    Profiler.begin()
    #expect(throws: Failed.self) { try Profiler.measure(.data) { throw Failed() } }
    Profiler.measure(.step, Work(bytes: 8)) { Profiler.measure(.norm) {} }
    let entries = Profiler.end()?.entries ?? []
    #expect(Set(entries.map(\.path)) == [[.data], [.step], [.step, .norm]])
    #expect(entries.first { $0.path == [.step] }?.work == Work(bytes: 8))
  }
}
