public import Checkpoints
public import JSON
import Kernels

extension Transformer {
  /// Writes the weights as a checkpoint of the architecture, one tensor at a time.
  ///
  /// An adapter is merged in: `W + s·BA` in float32, rounded once where the file's type is narrower.
  /// Types are float32, bfloat16 and float16.
  public func save(
    to folder: String, as architecture: any Architecture, elementType: ElementType = .float32
  ) throws {
    let stored = architecture.storedTensors(shape, head: head)
    let writer = try SafetensorsWriter(
      folder: folder,
      tensors: stored.map {
        TensorInformation(name: $0.name, elementType: elementType, shape: $0.shape)
      })
    for tensor in stored {
      // A fused tensor takes rows of a parameter many times: the adapter's product is made once.
      var merged: [String: Matrix] = [:]
      for block in tensor.blocks {
        if let matrix = frozen(block.parameter), adapter(of: block.parameter) == nil {
          try write(block, of: matrix, as: tensor.name, to: writer)
          continue
        }
        guard let matrix = merged[block.parameter] ?? mergedParameter(block.parameter) else {
          preconditionFailure("no parameter \(block.parameter)")
        }
        merged[block.parameter] = matrix
        let range = rows(of: matrix, for: block, in: tensor)
        try matrix.buffer.withSpan(range) { span throws in try writer.write(tensor.name, span) }
      }
    }
    try writer.finish()
  }

  /// A block of a bfloat16 parameter, four megabytes at a time.
  private func write(
    _ block: StoredTensor.Block, of matrix: BrainFloatMatrix, as name: String,
    to writer: SafetensorsWriter
  ) throws {
    let rows = block.parameterRow..<block.parameterRow + block.rows.count
    try overPieces(of: rows, columns: matrix.columns) { rows, piece throws in
      compute.widen(matrix, rows: rows, into: piece)
      try piece.buffer.withSpan(0..<piece.count) { span throws in try writer.write(name, span) }
    }
  }

  /// Calls `body` with some of the rows and room for them [rows, columns].
  func overPieces(
    of rows: Range<Int>, columns: Int, _ body: (Range<Int>, Matrix) throws -> Void
  ) rethrows {
    let step = min(rows.count, max(1, (1 << 20) / columns))
    let room = Matrix(rows: step, columns: columns)
    for start in stride(from: rows.lowerBound, to: rows.upperBound, by: step) {
      let piece = start..<min(start + step, rows.upperBound)
      try body(piece, room.rows(0..<piece.count))
    }
  }

  /// Where in a parameter's buffer a block of it lies.
  private func rows(
    of matrix: Matrix, for block: StoredTensor.Block, in tensor: StoredTensor
  ) -> Range<Int> {
    let isWhole = tensor.blocks.count == 1
    let columns = tensor.shape.count == 1 ? 1 : tensor.shape[1]
    let start = matrix.offset + (isWhole ? 0 : block.parameterRow * columns)
    let count = isWhole ? matrix.rows * matrix.columns : block.rows.count * columns
    return start..<start + count
  }

  /// A weight as the network uses it: with its adapter's product added, in memory of its own.
  func mergedParameter(_ name: String) -> Matrix? {
    let merged: Matrix
    if let weight = frozen(name) {
      merged = Matrix(rows: weight.rows, columns: weight.columns)
      compute.widen(weight, rows: 0..<weight.rows, into: merged)
    } else {
      guard let weight = parameter(name) else { return nil }
      guard adapter(of: name) != nil else { return weight }
      merged = Matrix(rows: weight.rows, columns: weight.columns)
      compute.copy(weight, to: merged)
    }
    if let adapter = adapter(of: name) {
      compute.multiply(
        adapter.up, adapter.down, into: merged, scale: adapter.scale, accumulating: true)
    }
    return merged
  }

  /// What is trained beside a weight; nil where nothing is.
  private func adapter(of name: String) -> Linear.Adapter? {
    guard name.hasSuffix(".weight"), let lowRank,
      let down = adapter?.matrix(name.dropLast(7) + ".lora_A.weight"),
      let up = adapter?.matrix(name.dropLast(7) + ".lora_B.weight")
    else { return nil }
    return Linear.Adapter(down: down, up: up, scale: lowRank.scale)
  }

  /// `config.json` for what `save` writes: the source's, with the class and the type that fit.
  public func savedConfiguration(
    from source: ModelConfiguration, as architecture: any Architecture, elementType: ElementType
  ) -> JSON {
    var json = source.json
    json["architectures"] = [.string(architecture.className(head))]
    json["torch_dtype"] = .string(torchName(elementType))
    json["dtype"] = nil
    if head == .score {
      json["id2label"] = ["0": "LABEL_0"]
      json["label2id"] = ["LABEL_0": 0]
      json["tie_word_embeddings"] = false
    }
    return json
  }

  private func torchName(_ elementType: ElementType) -> String {
    switch elementType {
    case .bfloat16: "bfloat16"
    case .float16: "float16"
    default: "float32"
    }
  }
}
