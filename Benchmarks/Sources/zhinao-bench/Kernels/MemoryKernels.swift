import Kernels

/// Kernels that memory bounds, as a share of a plain copy of as many bytes.
///
/// Bytes are those of every operand read or written once; what a kernel reads again counts against it.
struct MemoryKernels {
  let threads: Int
  let quiet: Double
  /// Tokens of a micro-batch.
  private static let rows = 2048
  private static let hidden = 576
  private static let inner = 1536
  private static let heads = 9
  /// A quarter of the network's weights.
  private static let weights = 1 << 25

  private struct Kernel {
    var name: String
    /// Numbers read and written.
    var numbers: Int
    var body: () -> Void
  }

  func figures() -> [KernelFigure] {
    let compute = Compute(threads: threads)
    let makers = [norms, activations, positions, sums, optimizer]
    return makers.flatMap { $0(compute).map(figure) }
  }

  private func figure(_ kernel: Kernel) -> KernelFigure {
    let bytes = kernel.numbers * 4
    let copy = PlainCopy(bytes: bytes, threads: threads)
    let (times, others) = QuietClock(quiet: quiet).times([kernel.body] + copy.bodies)
    return KernelFigure(
      name: kernel.name, threads: threads, unit: .gigabytes,
      speed: Double(bytes) / median(times[0]) / 1e9,
      best: Double(bytes) / (times[0].min() ?? .infinity) / 1e9,
      ceiling: PlainCopy.speed(bytes: bytes, times.dropFirst()) / 1e9, ceilingName: "copy",
      others: others)
  }

  private func matrix(_ columns: Int) -> Matrix {
    .filled(rows: MemoryKernels.rows, columns: columns)
  }

  private func norms(_ compute: Compute) -> [Kernel] {
    let (x, y, dx) = (
      matrix(MemoryKernels.hidden), matrix(MemoryKernels.hidden), matrix(MemoryKernels.hidden)
    )
    let gain = Matrix.filled(rows: 1, columns: MemoryKernels.hidden)
    let gainGradient = Matrix(rows: 1, columns: MemoryKernels.hidden)
    let roots = FloatBuffer(count: MemoryKernels.rows)
    let forward = {
      compute.rmsNorm(x, gain: gain, epsilon: 1e-5, into: y, inverseRMS: roots)
    }
    forward()
    return [
      Kernel(name: "RMSNorm 2048×576", numbers: 2 * x.count, body: forward),
      Kernel(name: "RMSNorm backward 2048×576", numbers: 4 * x.count) {
        compute.rmsNormBackward(
          y, x: x, gain: gain, inverseRMS: roots, into: dx, gainGradient: gainGradient)
      },
    ]
  }

  private func activations(_ compute: Compute) -> [Kernel] {
    let (gate, up, y) = (
      matrix(MemoryKernels.inner), matrix(MemoryKernels.inner), matrix(MemoryKernels.inner)
    )
    let (dGate, dUp) = (matrix(MemoryKernels.inner), matrix(MemoryKernels.inner))
    return [
      Kernel(name: "SwiGLU 2048×1536", numbers: 3 * y.count) {
        compute.swiGLU(gate: gate, up: up, into: y)
      },
      Kernel(name: "SwiGLU backward 2048×1536", numbers: 5 * y.count) {
        compute.swiGLUBackward(
          y, gate: gate, up: up, gateGradient: dGate, upGradient: dUp)
      },
    ]
  }

  private func positions(_ compute: Compute) -> [Kernel] {
    let x = matrix(MemoryKernels.hidden)
    let half = MemoryKernels.hidden / MemoryKernels.heads / 2
    let table = RotaryTable(
      frequencies: (0..<half).map { 1 / Double($0 + 1) }, maximumPosition: 8192)
    let positions = (0..<MemoryKernels.rows).map { Int32($0 % 256) }
    return [
      Kernel(name: "rotary 2048×576", numbers: 2 * x.count) {
        compute.rotate(
          x, heads: MemoryKernels.heads, positions: positions, table: table, inverse: false)
      }
    ]
  }

  private func sums(_ compute: Compute) -> [Kernel] {
    let (x, y) = (matrix(MemoryKernels.hidden), matrix(MemoryKernels.hidden))
    // Zeros are added, so that nothing grows beyond all bounds.
    compute.zero(x)
    return [
      Kernel(name: "add 2048×576", numbers: 3 * x.count) { compute.add(x, to: y) }
    ]
  }

  private func optimizer(_ compute: Compute) -> [Kernel] {
    let count = MemoryKernels.weights
    let buffers = (0..<4).map { _ in FloatBuffer(count: count) }
    let gradients = Matrix.filled(rows: 1, columns: count)
    buffers[1].copy(from: gradients.buffer, 0..<count, at: 0)
    return [
      Kernel(name: "AdamW 33.6 million", numbers: 7 * count) {
        compute.adamW(
          parameters: buffers[0], gradients: buffers[1], firstMoment: buffers[2],
          secondMoment: buffers[3], range: 0..<count, learningRate: 1e-5, beta1: 0.9,
          beta2: 0.999, epsilon: 1e-8, weightDecay: 0, step: 1)
      }
    ]
  }
}
