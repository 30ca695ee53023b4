import OrderedCollections
import Pipeline
import Testing

@testable import zhinao_align

@Suite struct StageProgressTests {
  /// Resumed at step 10: ten steps in 5 s leave 80 steps for 40 s.
  @Test func theTimeLeftFollowsThePaceOfThisAttempt() {
    let start = ContinuousClock.now
    var progress = StageProgress(stage: "dpo", now: start)
    for step in 11...20 {
      progress.take(
        .step(step, of: 100, metrics: ["loss": 0.5, "tokens_per_second": 2140]),
        now: start + .milliseconds(500 * (step - 10)))
    }
    #expect(progress.position == "step 20/100")
    #expect(progress.share == 0.2)
    #expect(progress.remaining == 40)
    #expect(
      progress.live == " ▶ dpo  step 20/100  20% ▇▇▁▁▁▁▁▁▁▁  loss 0.5  2,140 tokens/s  ETA 40 s")
    #expect(progress.plain == "dpo: step 20/100  (20%)  loss 0.5  2,140 tokens/s  ETA 40 s")
  }

  @Test func whatHasNoStepsCountsWhatItDoes() {
    let start = ContinuousClock.now
    var progress = StageProgress(stage: "sample", now: start)
    progress.take(.progress("completions", done: 8, of: 32), now: start + .seconds(1))
    #expect(progress.position == "completions 8/32")
    #expect(progress.remaining == 3)
  }
}
