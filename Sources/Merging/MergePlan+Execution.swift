public import Checkpoints

extension MergePlan {
  /// How far a merge is.
  public struct Progress: Sendable, Equatable {
    /// The tensor that has just been written.
    public var tensor: String
    public var done: Int
    public var total: Int
  }

  /// Makes the merged model in `output`, a folder that is not there yet or is empty.
  ///
  /// Block by block: memory does not grow with the models, nor with their tensors. All is written beside the output, in
  /// `partial` (`<output>.partial` if nil), and renamed at the end, so that what has the output's name is whole. What an
  /// interruption leaves is gone on with, at the tensor that it had reached, if plan and inputs are still the same.
  ///
  /// Where several processes share the work, see `MergeSession`.
  ///
  /// - Throws: `MergeError`, `CheckpointError`, whatever a method or `progress` throws.
  public func execute(
    output: String, partial: String? = nil,
    shardLimit: Int = SafetensorsWriter.defaultShardLimit,
    threads: Int = MergeSession.availableThreads, progress: (Progress) throws -> Void = { _ in }
  ) throws {
    let session = try MergeSession(self, output: output, partial: partial, shardLimit: shardLimit)
    try session.make(threads: threads, progress: progress)
    try session.finish()
  }

  /// The merged values of one tensor, row-major: for what is small.
  public func values(of tensor: PlannedTensor) throws -> [Float] {
    try method.merge(try inputs(of: tensor, threads: 1))
  }

  /// What a method makes one tensor of.
  func inputs(of tensor: PlannedTensor, threads: Int) throws -> MergeTensors {
    MergeTensors(
      name: tensor.information.name, seed: configuration.seed, shape: tensor.information.shape,
      base: try tensor.base.map { try input($0) }, models: try tensor.models.map { try input($0) },
      parameters: tensor.parameters, threads: threads)
  }

  /// A tensor of a model as it is read, a stretch at a time: the one place that knows how its values come about.
  func input(_ origin: PlannedTensor.Origin) throws -> MergeInput {
    guard let model = model(origin.model) else {
      preconditionFailure("the plan names a model that it did not open: \(origin.model)")
    }
    return try MergeInput(
      model.weights, tensor: model.information(origin.tensor)?.name ?? origin.tensor)
  }
}
