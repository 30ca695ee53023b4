import Checkpoints

/// Where a row of an embedding in the output's order comes from.
enum RowSource: Sendable, Equatable {
  case own(Int)
  case model(Int, row: Int)
  /// The mean over models' rows.
  case mean([ModelRow])
  case zero

  struct ModelRow: Sendable, Equatable {
    var model: Int
    var row: Int
  }
}

/// A model's embedding, or output projection, in the order of the output's tokens.
struct RemappedRows: DerivedTensor {
  let name: String
  /// [tokens, width], or [tokens].
  let shape: [Int]
  /// The models' own tensors of this name, in the order that `RowSource` counts.
  let sources: [(source: any TensorSource, key: String)?]
  /// Which of them this is.
  let own: Int
  let rows: [RowSource]

  var identity: [String] {
    var sum = Checksum()
    sum.add(Array("\(rows)".utf8), at: 0)
    return ["\(name) of \(own) by rows \(sum.value)"]
      + sources.flatMap { $0.map { ["\($0.key)"] + $0.source.identity } ?? [] }
  }

  func read(_ elements: Range<Int>, into floats: inout MutableSpan<Float>) throws {
    guard !elements.isEmpty else { return }
    let width = shape.dropFirst().reduce(1, *)
    var buffer = [Float](repeating: 0, count: width)
    for row in elements.lowerBound / width...(elements.upperBound - 1) / width {
      try fill(&buffer, with: rows[row], width: width)
      let first = max(elements.lowerBound, row * width)
      let last = min(elements.upperBound, (row + 1) * width)
      for index in first..<last {
        floats[index - elements.lowerBound] = buffer[index - row * width]
      }
    }
  }

  func release() { for place in sources { place?.source.release(place?.key ?? name) } }
  func prefetch() { for place in sources { place?.source.prefetch(place?.key ?? name) } }

  private func fill(_ buffer: inout [Float], with row: RowSource, width: Int) throws {
    switch row {
    case .own(let index): try copy(own, index, &buffer, width)
    case .model(let model, let index): try copy(model, index, &buffer, width)
    case .zero: for index in buffer.indices { buffer[index] = 0 }
    case .mean(let parts):
      var sum = [Double](repeating: 0, count: width)
      for part in parts {
        try copy(part.model, part.row, &buffer, width)
        for index in sum.indices { sum[index] += Double(buffer[index]) }
      }
      for index in sum.indices { buffer[index] = Float(sum[index] / Double(parts.count)) }
    }
  }

  private func copy(_ model: Int, _ row: Int, _ buffer: inout [Float], _ width: Int) throws {
    guard let place = sources[model] else {
      throw CheckpointError.noSuchTensor(name: name, nearest: nil)
    }
    var span = buffer.mutableSpan
    try place.source.readFloats(
      place.key, elements: row * width..<(row + 1) * width, into: &span)
  }
}
