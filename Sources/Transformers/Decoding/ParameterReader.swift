import Checkpoints
import Kernels

/// Reads a checkpoint parameter by parameter, some rows at a time, whichever tensors they stand in.
struct ParameterReader {
  /// Rows of a stored tensor that are rows of a parameter.
  private struct Piece {
    let tensor: StoredTensor
    let block: StoredTensor.Block
  }

  private let source: any TensorSource
  private let compute: Compute
  private let pieces: [String: [Piece]]
  /// The parameters that are bfloat16 already.
  let exact: Set<String>
  /// Where all that is packed lies.
  private let memory = WeightMemory()
  /// Where rows are read before they are packed: once for all parameters, since between pieces of the heap that come and go what
  /// stays would settle, and half of a model be lost to it.
  private let room = FloatBuffer(count: 1 << 20)

  init(source: any TensorSource, stored: [StoredTensor], compute: Compute) {
    self.source = source
    self.compute = compute
    var pieces: [String: [Piece]] = [:]
    for tensor in stored {
      for block in tensor.blocks {
        pieces[block.parameter, default: []].append(Piece(tensor: tensor, block: block))
      }
    }
    self.pieces = pieces
    exact = WeightForms.exact(stored, in: source)
  }

  /// A whole parameter in float32; a vector is one row.
  func matrix(_ name: String, _ size: (rows: Int, columns: Int)) throws -> Matrix {
    let matrix = Matrix(rows: size.rows, columns: size.columns)
    try read(name, 0..<size.rows, into: matrix)
    return matrix
  }

  /// A whole parameter in a format of decoding; of numbers that are bfloat16 already 32 bits hold no more.
  func packed(
    _ name: String, _ size: (rows: Int, columns: Int), _ format: PackedWeights.Format
  ) throws -> PackedWeights {
    let format = format == .float32 && exact.contains(name) ? .bfloat16 : format
    let packed = compute.packedRoom(
      outputs: size.rows, inputs: size.columns, format: format, in: memory)
    if try putBlocks(name, into: packed) { return packed }
    try forEachPart(name, size) { part, start in
      compute.pack(.float32(part), into: packed, at: start)
    }
    return packed
  }

  /// A whole parameter as it is, to be read row by row: numbers that are bfloat16 already in two bytes.
  func rows(_ name: String, _ size: (rows: Int, columns: Int)) throws -> WeightMatrix {
    guard exact.contains(name) else { return .float32(try matrix(name, size)) }
    let rows = BrainFloatMatrix(rows: size.rows, columns: size.columns)
    try forEachPart(name, size) { part, start in compute.round(part, into: rows, at: start) }
    return .bfloat16(rows)
  }

  /// Reads a parameter some megabytes at a time: rows, and the first one's place, a multiple of sixteen.
  private func forEachPart(
    _ name: String, _ size: (rows: Int, columns: Int), _ body: (Matrix, Int) -> Void
  ) throws {
    let step = max(16, room.count / size.columns / 16 * 16)
    let count = step * size.columns
    let room = count > room.count ? FloatBuffer(count: count) : room
    for start in stride(from: 0, to: size.rows, by: step) {
      let rows = start..<min(start + step, size.rows)
      let part = Matrix(room, offset: 0, rows: rows.count, columns: size.columns)
      try read(name, rows, into: part)
      body(part, start)
    }
    for piece in pieces[name] ?? [] { source.release(piece.tensor.name) }
  }

  /// Takes the file's blocks where they are those of the format.
  private func putBlocks(_ name: String, into packed: PackedWeights) throws -> Bool {
    guard packed.format == .int8 || packed.format == .int4, let piece = pieces[name]?.first,
      pieces[name]?.count == 1, piece.tensor.blocks.count == 1,
      let first = source.quantizedRow(piece.tensor.name, row: 0),
      first.kind == (packed.format == .int8 ? .bytes : .nibbles)
    else { return false }
    for row in 0..<packed.outputs {
      guard let found = source.quantizedRow(piece.tensor.name, row: row) else { return false }
      packed.put(row, scales: found.scales, minima: found.minima, numbers: found.numbers)
    }
    source.release(piece.tensor.name)
    return true
  }

  /// Some rows of a parameter.
  private func read(_ name: String, _ rows: Range<Int>, into target: Matrix) throws {
    guard let pieces = pieces[name] else { preconditionFailure("no parameter \(name)") }
    for piece in pieces {
      let isVector = piece.tensor.shape.count == 1
      // A stored vector's rows are single numbers, and the parameter is one row.
      let columns = isVector ? 1 : target.columns
      let block = piece.block
      if isVector {
        let whole = piece.tensor.blocks.count == 1
        let source = whole ? 0..<target.columns : block.rows
        let start = target.offset + (whole ? 0 : block.parameterRow)
        try readFloats(piece.tensor.name, source, target, at: start)
        continue
      }
      let covered = (block.parameterRow..<block.parameterRow + block.rows.count).clamped(to: rows)
      guard !covered.isEmpty else { continue }
      let first = block.rows.lowerBound + covered.lowerBound - block.parameterRow
      try readFloats(
        piece.tensor.name, first * columns..<(first + covered.count) * columns, target,
        at: target.offset + (covered.lowerBound - rows.lowerBound) * columns)
    }
  }

  private func readFloats(
    _ name: String, _ elements: Range<Int>, _ target: Matrix, at place: Int
  ) throws {
    try target.buffer.withMutableSpan(place..<place + elements.count) { span throws in
      try source.readFloats(name, elements: elements, into: &span)
    }
  }
}
