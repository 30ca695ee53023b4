import Collectives
import Foundation
import JSON
import Kernels
import Objectives
import Testing
import Training
import Transformers

/// Five steps of AdamW with warmup, cosine and clipping, against PyTorch.
@Suite struct TrajectoryTests {
  /// PyTorch's own float32 run is 4e-5 from the same run in float64.
  @Test func fiveStepsAgreeWithPyTorch() throws {
    let tests = (#filePath as NSString).deletingLastPathComponent + "/.."
    let goldens = tests + "/TransformersTests/Goldens"
    let steps = try json(Bundle.module.bundlePath + "/Goldens/adamw.json")["steps"]?.array ?? []
    #expect(steps.count == 5)
    let batch = try supervised(try json(goldens + "/tiny.json"))
    let network = try ModelDirectory(path: goldens + "/tiny").load(compute: Compute())
    let trainer = Trainer(
      network, optimizer: OptimizerSettings(learningRate: 1e-3, weightDecay: 0.1),
      schedule: LearningRateSchedule(shape: .cosine, warmupSteps: 2, totalSteps: 5),
      communicator: SingleProcess())
    for golden in steps {
      let report = try trainer.step(
        batch, microBatches: [[0, 1, 2, 3]], objective: SupervisedObjective())
      #expect(abs(report.learningRate - (golden["lr"]?.double ?? -1)) < 1e-12)
      #expect(abs(report.loss / (golden["loss"]?.double ?? 0) - 1) < 1e-5)
      let norm = golden["grad_norm_before_clip"]?.double ?? 0
      #expect(abs(report.gradientNorm / norm - 1) < 1e-5)
      var count = 0
      for slot in network.trainable.slots {
        guard let sample = golden["weights"]?[slot.name] else { continue }
        count += 1
        let weights = network.trainable.values.array(slot.range)
        let found = (sample["places"]?.array ?? []).compactMap(\.int).map { weights[$0] }
        let expected = (sample["values"]?.array ?? []).compactMap { $0.double.map { Float($0) } }
        #expect(found.count == 64 && relativeError(found, expected) < 1e-4, "\(slot.name)")
      }
      #expect(count == (trainer.step == 5 ? 21 : 19))
    }
  }

  /// Warmup over 2 of 6 steps: 0, ½; then the shape over the other four.
  @Test func schedulesAreThoseOfTransformers() {
    func shares(_ shape: LearningRateSchedule.Shape) -> [Double] {
      let schedule = LearningRateSchedule(shape: shape, warmupSteps: 2, totalSteps: 6)
      return (0..<7).map { (schedule.share(step: $0) * 1e6).rounded() / 1e6 }
    }
    #expect(shares(.constant) == [0, 0.5, 1, 1, 1, 1, 1])
    #expect(shares(.linear) == [0, 0.5, 1, 0.75, 0.5, 0.25, 0])
    #expect(shares(.cosine) == [0, 0.5, 1, 0.853553, 0.5, 0.146447, 0])
  }

  private func json(_ path: String) throws -> JSON {
    try JSON(parsing: Array(try Data(contentsOf: URL(fileURLWithPath: path))))
  }

  private func supervised(_ json: JSON) throws -> [TrainingExample<SupervisedObjective.Example>] {
    let golden = try #require(json["supervised"])
    func rows(_ key: String) -> [[Int]] {
      (golden[key]?.array ?? []).map { ($0.array ?? []).compactMap(\.int) }
    }
    return zip(rows("tokens"), rows("targets")).map {
      Runs.example(TargetSequence(tokens: $0.map(Int32.init), targets: $1))
    }
  }
}
