public import Kernels

/// One module of an adapter as a checkpoint of an architecture has it: a linear layer of the network,
/// or several that the checkpoint stores as one (zhinao's `qkv_proj`).
///
/// An adapter of layers beside each other is exactly an adapter of what they make together: A' is
/// their A one above the other, and B' has each layer's B in its rows and its columns, zeros elsewhere.
public struct AdapterModule: Sendable, Equatable {
  /// `model.layers.0.self_attn.qkv_proj`.
  public let path: String
  /// The sum of the layers' ranks.
  public let rank: Int
  public let inputs: Int
  public let outputs: Int
  /// How many of the network's layers have an adapter in it; their scale is α·parts / rank.
  public var partCount: Int { parts.count }

  /// The layers' paths, in the order in which they first come.
  let parts: [String]
  let blocks: [StoredTensor.Block]
}

extension Transformer {
  /// The modules that an adapter has under the architecture's names, in the order of its tensors.
  public func adapterModules(as architecture: any Architecture) -> [AdapterModule] {
    guard let lowRank, let adapter else { return [] }
    return architecture.storedTensors(shape, head: head).compactMap { tensor in
      guard tensor.shape.count == 2 else { return nil }
      var parts: [String] = []
      for block in tensor.blocks {
        let path = String(block.parameter.dropLast(".weight".count))
        if !parts.contains(path), adapter.slot(path + ".lora_A.weight") != nil {
          parts.append(path)
        }
      }
      guard !parts.isEmpty else { return nil }
      return AdapterModule(
        path: String(tensor.name.dropLast(".weight".count)), rank: lowRank.rank * parts.count,
        inputs: tensor.shape[1], outputs: tensor.shape[0], parts: parts, blocks: tensor.blocks)
    }
  }

  /// A module's A [rank, inputs] and B [outputs, rank].
  public func matrices(of module: AdapterModule) -> (down: Matrix, up: Matrix) {
    let parts = module.parts.map { path in
      guard let down = adapter?.matrix(path + ".lora_A.weight"),
        let up = adapter?.matrix(path + ".lora_B.weight")
      else { preconditionFailure("no adapter of \(path)") }
      return (path: path, down: down, up: up)
    }
    if module.blocks.count == 1 { return (parts[0].down, parts[0].up) }
    let down = Matrix(rows: module.rank, columns: module.inputs)
    let up = Matrix(rows: module.outputs, columns: module.rank)
    var place = 0
    for part in parts {
      let columns = place..<place + part.down.rows
      compute.copy(part.down, to: down.rows(columns))
      for block in module.blocks where block.parameter == part.path + ".weight" {
        let rows = block.parameterRow..<block.parameterRow + block.rows.count
        compute.copyColumns(
          from: part.up.rows(rows), at: 0, to: up.rows(block.rows), at: place,
          count: columns.count)
      }
      place = columns.upperBound
    }
    return (down, up)
  }

  /// Adds `scale · up · down` to the parameters that a stored tensor is made of, which must not be frozen.
  ///
  /// Of each parameter's rows of `up` the columns of zeros are left out: what `matrices` put together
  /// is added in the very sums of the layers by themselves.
  public func merge(down: Matrix, up: Matrix, scale: Float, into tensor: StoredTensor) {
    precondition(
      tensor.shape == [up.rows, down.columns] && up.columns == down.rows,
      "\(up.shape) by \(down.shape) does not fit \(tensor.name) of \(tensor.shape)")
    var names: [String] = []
    for block in tensor.blocks where !names.contains(block.parameter) {
      names.append(block.parameter)
    }
    for name in names {
      guard let weight = parameter(name) else { preconditionFailure("no \(name) in float32") }
      let (down, up) = part(down, up, for: weight, tensor.blocks.filter { $0.parameter == name })
      compute.multiply(up, down, into: weight, scale: scale, accumulating: true)
      if let copy = brainFloats[name] { compute.round(weight, into: copy) }
    }
  }

  /// The rows of a fused module's B that are a parameter's, with the columns that are not all zero.
  private func part(
    _ down: Matrix, _ up: Matrix, for weight: Matrix, _ blocks: [StoredTensor.Block]
  ) -> (down: Matrix, up: Matrix) {
    if weight.rows == up.rows { return (down, up) }
    let rows = Matrix(rows: weight.rows, columns: up.columns)
    for block in blocks {
      let target = block.parameterRow..<block.parameterRow + block.rows.count
      compute.copy(up.rows(block.rows), to: rows.rows(target))
    }
    let used = (0..<rows.columns).filter { column in
      (0..<rows.rows).contains { rows[$0, column] != 0 }
    }
    let narrow = Matrix(rows: rows.rows, columns: used.count)
    let chosen = Matrix(rows: used.count, columns: down.columns)
    for (place, column) in used.enumerated() {
      compute.copyColumns(from: rows, at: column, to: narrow, at: place, count: 1)
      compute.copy(down.rows(column..<column + 1), to: chosen.rows(place..<place + 1))
    }
    return (chosen, narrow)
  }
}
