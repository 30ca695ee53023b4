import Checkpoints

/// Makes one tensor of an output: reads, merges, rounds and writes it block by block.
///
/// Nothing of a tensor is held whole: what is in memory at a time are some blocks of each model for each thread, and the pages of the
/// models' files that the system keeps mapped until the tensor is done.
struct TensorMaker: Sendable {
  let plan: MergePlan
  let files: OutputFiles
  let placement: SafetensorsPlacement

  /// Elements that a thread takes at a time and writes at once: of half as many, file systems make 13 % more of a linear merge's time.
  private static let pieceSize = 1 << 17

  /// Writes a tensor; what its bytes add up to.
  func make(_ tensor: PlannedTensor, threads: Int) throws -> Checksum {
    guard let place = placement.place(of: tensor.information.name) else {
      preconditionFailure("\(tensor.information.name) has no place")
    }
    if let copied = tensor.copied { return try copy(copied, to: place) }
    let inputs = try plan.inputs(of: tensor, threads: threads)
    defer { inputs.release() }
    let merge = try plan.method.merging(inputs)
    let layout = inputs.layout(merge.cut)
    let perPiece = max(1, Self.pieceSize / max(1, layout.columns * layout.rowsPerBlock))
    let type = place.information.elementType
    let sums = try Workers(threads: threads).map(
      (layout.blockCount + perPiece - 1) / perPiece, scratch: BlockMerger()
    ) { merger, piece in
      let blocks = piece * perPiece..<min(layout.blockCount, (piece + 1) * perPiece)
      let first = layout.elements(blocks.lowerBound).lowerBound
      let end = layout.elements(blocks.upperBound - 1).upperBound
      var bytes: [UInt8] = []
      bytes.reserveCapacity((end - first) * type.bits / 8)
      for block in blocks {
        try merger.merge(block, of: layout, inputs, by: merge)
        for run in merger.runs { bytes += merger.values.encoded(run, as: type) }
      }
      return try put(bytes, to: place, at: first * type.bits / 8)
    }
    return sums.reduce(Checksum(), +)
  }

  /// Takes over a tensor that is not of floats.
  private func copy(_ origin: PlannedTensor.Origin, to place: SafetensorsPlacement.Place) throws
    -> Checksum
  {
    guard let source = plan.model(origin.model)?.weights else { return Checksum() }
    var sum = Checksum()
    try source.withBytes(origin.tensor) { span in
      try span.withUnsafeBytes { buffer in
        for start in stride(from: 0, to: buffer.count, by: 1 << 20) {
          let piece = [UInt8](buffer[start..<min(buffer.count, start + 1 << 20)])
          sum = try sum + put(piece, to: place, at: start)
        }
      }
    }
    source.release(origin.tensor)
    return sum
  }

  private func put(_ bytes: [UInt8], to place: SafetensorsPlacement.Place, at offset: Int) throws
    -> Checksum
  {
    try files.write(bytes, to: place, at: offset)
    var sum = Checksum()
    sum.add(bytes, at: offset)
    return sum
  }
}

extension MergeTensors {
  /// Gives back the pages that reading took.
  func release() {
    base?.release()
    for model in models { model.release() }
  }

  /// Has the system begin to read.
  func prefetch() {
    base?.prefetch()
    for model in models { model.prefetch() }
  }
}
