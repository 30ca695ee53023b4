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
  /// One tensor at a time: at most the models' copies of the largest tensor, the base's and the result are in memory. All is
  /// written beside the output and renamed at the end, so that what has the output's name is whole.
  ///
  /// - Throws: `MergeError`, `CheckpointError`, whatever a method throws.
  public func execute(
    output: String, shardLimit: Int = SafetensorsWriter.defaultShardLimit,
    progress: (Progress) -> Void = { _ in }
  ) throws {
    let folder = try PublishedFolder(path: output)
    let writer = try SafetensorsWriter(
      folder: folder.temporary, tensors: tensors.map(\.information), shardLimit: shardLimit)
    for (index, tensor) in tensors.enumerated() {
      if let copied = tensor.copied, let source = model(copied.model)?.weights {
        try source.withBytes(copied.tensor) { try writer.write(tensor.information.name, bytes: $0) }
      } else {
        let merged = try values(of: tensor)
        try writer.write(tensor.information.name, merged.span)
      }
      progress(
        Progress(tensor: tensor.information.name, done: index + 1, total: tensors.count))
    }
    try writer.finish()
    try writeCompanions(into: folder)
    try folder.publish()
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
