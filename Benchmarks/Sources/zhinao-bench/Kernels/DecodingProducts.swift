import Kernels

/// Products of a few rows, whose weights come from memory each time, as a share of a plain copy.
struct DecodingProducts {
  let threads: Int
  let quiet: Double
  private static let shapes = [
    (name: "576×1536", depth: 576, outputs: 1536), (name: "1536×576", depth: 1536, outputs: 576),
    (name: "head 576×49152", depth: 576, outputs: 49152),
  ]
  /// More than any cache holds.
  private static let leastBytes = 256_000_000

  func figures() -> [KernelFigure] {
    let compute = Compute(threads: threads)
    return DecodingProducts.shapes.flatMap { shape -> [KernelFigure] in
      let size = shape.depth * shape.outputs * 4
      let count = max(2, DecodingProducts.leastBytes / size)
      let first = Matrix.filled(rows: shape.outputs, columns: shape.depth)
      let weights = (0..<count).map { index -> Matrix in
        guard index > 0 else { return first }
        let copy = Matrix(rows: shape.outputs, columns: shape.depth)
        compute.copy(first, to: copy)
        return copy
      }
      let bytes = count * size
      let copy = PlainCopy(bytes: bytes, threads: threads)
      return [1, 8].map { rows in
        let x = Matrix.filled(rows: rows, columns: shape.depth)
        let y = Matrix(rows: rows, columns: shape.outputs)
        let (times, others) = QuietClock(rounds: 5, quiet: quiet).times(
          [

            { for w in weights { compute.multiplyRows(x, transposed: w, into: y) } }
          ] + copy.bodies)
        return KernelFigure(
          name: "decoding, \(rows) \(rows == 1 ? "row" : "rows") of \(shape.name)",
          threads: threads, unit: .gigabytes, speed: Double(bytes) / median(times[0]) / 1e9,
          best: Double(bytes) / (times[0].min() ?? .infinity) / 1e9,
          ceiling: PlainCopy.speed(bytes: bytes, times.dropFirst()) / 1e9, ceilingName: "copy",
          others: others)
      }
    }
  }
}
