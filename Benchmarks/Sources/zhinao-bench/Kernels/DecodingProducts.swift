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
    DecodingProducts.shapes.flatMap { shape in
      PackedWeights.Format.allCases.flatMap { figures(shape.name, shape.depth, shape.outputs, $0) }
    }
  }

  private func figures(
    _ name: String, _ depth: Int, _ outputs: Int, _ format: PackedWeights.Format
  ) -> [KernelFigure] {
    let compute = Compute(threads: threads)
    let source = Matrix.filled(rows: outputs, columns: depth)
    let first = compute.pack(source, as: format)
    let count = max(2, DecodingProducts.leastBytes / first.byteCount)
    let weights = [first] + (1..<count).map { _ in compute.pack(source, as: format) }
    let bytes = count * first.byteCount
    let copy = PlainCopy(bytes: bytes, threads: threads)
    return [1, 8].map { (rows: Int) -> KernelFigure in
      let x = Matrix.filled(rows: rows, columns: depth)
      let y = Matrix(rows: rows, columns: outputs)
      let (times, others) = QuietClock(rounds: 5, quiet: quiet).times(
        [
          { for w in weights { compute.multiply(x, packed: w, into: y) } }
        ] + copy.bodies)
      return KernelFigure(
        name: "decoding, \(rows) \(rows == 1 ? "row" : "rows") of \(name), \(format)",
        threads: threads, unit: .gigabytes, speed: Double(bytes) / median(times[0]) / 1e9,
        best: Double(bytes) / (times[0].min() ?? .infinity) / 1e9,
        ceiling: PlainCopy.speed(bytes: bytes, times.dropFirst()) / 1e9, ceilingName: "copy",
        others: others)
    }
  }
}
