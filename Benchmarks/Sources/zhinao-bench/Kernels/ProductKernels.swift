import Kernels

/// The matrix products of a step of SmolLM2-135M, forward and back.
struct ProductKernels {
  /// rows × depth × outputs, as y[rows, outputs] = x[rows, depth] · w[outputs, depth]ᵀ.
  static let shapes: [(name: String, rows: Int, depth: Int, outputs: Int)] = [
    ("gate and up 1024×576×1536", 1024, 576, 1536),
    ("down 1024×1536×576", 1024, 1536, 576),
    ("query and output 1024×576×576", 1024, 576, 576),
    ("key and value 1024×576×192", 1024, 576, 192),
    ("head 512×576×49152", 512, 576, 49152),
  ]

  let precision: Precision
  let threads: Int
  let quiet: Double

  func figures() -> [KernelFigure] {
    let ceiling = ProductCeiling(precision: precision, threads: threads)
    let compute = Compute(precision: precision, threads: threads)
    let suffix = precision == .float32 ? "" : ", \(precision.rawValue)"
    return ProductKernels.shapes.flatMap { shape -> [KernelFigure] in
      let x = Matrix.filled(rows: shape.rows, columns: shape.depth)
      let w = Matrix.filled(rows: shape.outputs, columns: shape.depth)
      let y = Matrix.filled(rows: shape.rows, columns: shape.outputs)
      let work = 2 * Double(shape.rows * shape.depth * shape.outputs)
      let directions: [(String, () -> Void)] = [
        ("forward", { compute.multiply(x, transposed: w, into: y) }),
        ("input gradient", { compute.multiply(y, w, into: x) }),
        ("weight gradient", { compute.multiply(transposed: y, x, into: w) }),
      ]
      return directions.map { direction, body in
        ceiling.figure(
          "\(shape.name), \(direction)\(suffix)", work: work, quiet: quiet, body)
      }
    }
  }
}

extension ProductCeiling {
  /// A product beside the ceiling, in the same rounds.
  func figure(
    _ name: String, work: Double, quiet: Double, _ body: @escaping () -> Void
  ) -> KernelFigure {
    let beside = things
    let (times, others) = QuietClock(rounds: 5, quiet: quiet).times([body] + beside.map(\.body))
    let bests = times.dropFirst().map { ProductCeiling.work / ($0.min() ?? .infinity) / 1e9 }
    let best = bests.indices.max { bests[$0] < bests[$1] } ?? 0
    return KernelFigure(
      name: name, threads: threads, unit: .gigaFLOPs, speed: work / median(times[0]) / 1e9,
      best: work / (times[0].min() ?? .infinity) / 1e9, ceiling: bests[best],
      ceilingName: beside[best].name, others: others)
  }
}
