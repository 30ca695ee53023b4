import Collectives
import Kernels
import Pipeline

/// The machinery of one stage's process: how it computes and whom it computes with.
struct TrainingSession {
  let context: StageContext
  let compute: Compute
  let communicator: any Communicator
  private let world: MPIWorld?

  init(_ context: StageContext, bf16: Bool = false) throws {
    self.context = context
    compute = Compute(precision: bf16 ? .bfloat16 : .float32, threads: context.threads)
    world = context.ranks > 1 ? try MPIWorld.join() : nil
    communicator = world.map { MeasuredCommunicator($0) } ?? SingleProcess()
  }

  /// For what can be said before a stage runs: alone, whatever the number of ranks.
  init(planning context: StageContext) {
    self.context = context
    compute = Compute(threads: context.threads)
    communicator = SingleProcess()
    world = nil
  }

  /// Whether this process writes what the stage leaves behind.
  var isFirst: Bool { communicator.rank == 0 }

  /// Tells the orchestrator, from the first rank only.
  func report(_ event: StageEvent) {
    if isFirst { context.report(event) }
  }

  /// Whether any rank was asked to stop; all ranks get the same answer.
  func agreesToStop() throws -> Bool {
    try communicator.maximum(context.shouldStop ? 1 : 0) > 0
  }

  /// Runs something on the first rank only; a failure there fails every rank.
  func onFirst(_ body: () throws -> Void) throws {
    var failure: (any Error)?
    if isFirst {
      do { try body() } catch { failure = error }
    }
    let state = try communicator.maximum(failure == nil ? 0 : 1)
    if let failure { throw failure }
    if state > 0 { throw Interrupted() }
  }

  /// Leaves the world of ranks, where there is one.
  func close() throws {
    try world?.leave()
  }
}
