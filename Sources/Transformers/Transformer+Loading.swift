public import Checkpoints
import Kernels

extension Transformer {
  /// Tensors that some exporters write and nobody needs.
  private static let ignoredSuffixes = [
    "rotary_emb.inv_freq", "rotary_emb.cos_cached", "rotary_emb.sin_cached",
  ]

  /// Reads the base's weights from a checkpoint.
  ///
  /// Names and shapes are all checked before anything is read. A score head that the checkpoint does
  /// not have stays zero when `mayLackScore` is set: every sequence then scores 0 until it is trained.
  /// - Throws: `ModelError` naming the tensors; errors of the file.
  public func load(
    _ source: any TensorSource, path: String, as architecture: any Architecture,
    mayLackScore: Bool = false
  ) throws {
    let stored = try Transformer.storedTensors(
      in: source, path: path, as: architecture, shape, head, mayLackScore: mayLackScore)
    for tensor in stored {
      let columns = tensor.shape.count == 1 ? 1 : tensor.shape[1]
      for block in tensor.blocks {
        if let target = frozen(block.parameter) {
          try read(block, of: tensor.name, source, into: target)
          continue
        }
        guard let parameter = parameter(block.parameter) else {
          throw ModelError.unknownTensors(path: path, names: [tensor.name])
        }
        // A vector is one row here: its stored rows are columns.
        let isWhole = tensor.shape.count == 1 && tensor.blocks.count == 1
        let start = isWhole ? 0 : block.rows.lowerBound * columns
        let count = isWhole ? tensor.shape[0] : block.rows.count * columns
        let target = parameter.offset + block.parameterRow * columns
        try parameter.buffer.withMutableSpan(target..<target + count) { span throws in
          try source.readFloats(tensor.name, elements: start..<start + count, into: &span)
        }
      }
      source.release(tensor.name)
    }
    roundCopies()
  }

  /// Some rows of a stored matrix, four megabytes at a time.
  private func read(
    _ block: StoredTensor.Block, of name: String, _ source: any TensorSource,
    into target: BrainFloatMatrix
  ) throws {
    try overPieces(of: block.rows, columns: target.columns) { rows, piece throws in
      let elements = rows.lowerBound * target.columns..<rows.upperBound * target.columns
      try piece.buffer.withMutableSpan(0..<piece.count) { span throws in
        try source.readFloats(name, elements: elements, into: &span)
      }
      let row = block.parameterRow + rows.lowerBound - block.rows.lowerBound
      compute.round(piece, into: target, at: row)
    }
  }

  /// What a checkpoint has for a network of this shape, all names and shapes checked.
  ///
  /// Needs no network: a configuration that asks for more than the weights hold, or than there is
  /// memory for, is refused before anything is allocated.
  static func storedTensors(
    in source: any TensorSource, path: String, as architecture: any Architecture,
    _ shape: TransformerShape, _ head: Head, mayLackScore: Bool
  ) throws -> [StoredTensor] {
    let stored = architecture.storedTensors(shape, head: head).map { tensor in
      guard tensor.name == "score.weight" else { return tensor }
      return StoredTensor(name: scoreName(in: source), shape: tensor.shape, blocks: tensor.blocks)
    }.filter { tensor in
      !(tensor.name == "score.weight" && mayLackScore && source.information(tensor.name) == nil)
    }
    try check(stored, source, path, head)
    return stored
  }

  /// What 360Zhinao's reranker calls its score head, the class being the language model's.
  static let rerankerHeads = ["linear.weight", "model.linear.weight"]

  /// Under which name a checkpoint has its score head.
  static func scoreName(in source: any TensorSource) -> String {
    let name = "score.weight"
    guard source.information(name) == nil else { return name }
    return rerankerHeads.first { source.information($0) != nil } ?? name
  }

  private static func check(
    _ stored: [StoredTensor], _ source: any TensorSource, _ path: String, _ head: Head
  ) throws {
    let missing = stored.map(\.name).filter { source.information($0) == nil }
    guard missing.isEmpty else { throw ModelError.missingTensors(path: path, names: missing) }
    for tensor in stored {
      let found = source.information(tensor.name)?.shape ?? []
      guard found == tensor.shape else {
        throw ModelError.wrongShape(
          path: path, tensor: tensor.name, found: found, expected: tensor.shape)
      }
    }
    // A tied head may be written all the same, and a reward model leaves a language head unread.
    let allowed = Set(stored.map(\.name) + ["lm_head.weight"])
    let unknown = source.tensors.map(\.name).filter { name in
      !allowed.contains(name) && !Transformer.ignoredSuffixes.contains { name.hasSuffix($0) }
        && !(head == .language && (name == "score.weight" || rerankerHeads.contains(name)))
    }
    guard unknown.isEmpty else { throw ModelError.unknownTensors(path: path, names: unknown) }
  }
}
