import Glibc
import Kernels
import Testing

/// The optimizer's arithmetic and the sums that clipping needs.
struct OptimizerTests {
  @Test func stepsOfAdamWAgreeWithDoubles() {
    var numbers = Numbers(40)
    let count = 40_011
    let values = numbers.array(count)
    let buffers = (0..<4).map { _ in FloatBuffer(count: count) }
    buffers[0].copy(from: values, at: 0)
    var p = values.map(Double.init)
    var (m, v) = (Array(repeating: 0.0, count: count), Array(repeating: 0.0, count: count))
    for step in 1...3 {
      let gradient = numbers.array(count)
      buffers[1].copy(from: gradient, at: 0)
      Compute(threads: 2).adamW(
        parameters: buffers[0], gradients: buffers[1], firstMoment: buffers[2],
        secondMoment: buffers[3], range: 5..<count, learningRate: 0.01, beta1: 0.9, beta2: 0.999,
        epsilon: 1e-8, weightDecay: 0.1, step: step, gradientScale: 0.5)
      for index in 5..<count {
        let g = Double(gradient[index]) * 0.5
        p[index] *= 1 - 0.01 * 0.1
        m[index] = 0.9 * m[index] + 0.1 * g
        v[index] = 0.999 * v[index] + 0.001 * g * g
        let root = (v[index] / (1 - pow(0.999, Double(step)))).squareRoot() + 1e-8
        p[index] -= 0.01 * m[index] / (1 - pow(0.9, Double(step))) / root
      }
    }
    #expect(distance(buffers[0].array(), p) < 1e-6)
    #expect(distance(buffers[2].array(), m) < 1e-6)
    #expect(distance(buffers[3].array(), v) < 1e-6)
    #expect(buffers[0].array(0..<5) == Array(values[0..<5]))
  }

  /// A rank that holds a part of the moments makes the same bits as one that holds all.
  @Test func aPartMakesTheSameBitsAsTheWhole() {
    var numbers = Numbers(41)
    let (values, gradient) = (numbers.array(1000), numbers.array(1000))
    func run(_ ranges: [(Range<Int>, Int, Int)], threads: Int) -> [UInt32] {
      let (p, g) = (FloatBuffer(count: 1000), FloatBuffer(count: 1000))
      p.copy(from: values, at: 0)
      g.copy(from: gradient, at: 0)
      for (range, offset, size) in ranges {
        Compute(threads: threads).adamW(
          parameters: p, gradients: g, firstMoment: FloatBuffer(count: size),
          secondMoment: FloatBuffer(count: size), range: range, momentOffset: offset,
          learningRate: 0.1, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0, step: 1)
      }
      return bits(p.array())
    }
    let whole = run([(0..<1000, 0, 1000)], threads: 1)
    #expect(whole == run([(0..<333, 0, 333), (333..<1000, 333, 667)], threads: 2))
  }

  @Test func blocksOfSquaresAddUp() {
    var numbers = Numbers(42)
    let values = numbers.array(1000)
    let buffer = FloatBuffer(count: 1000)
    buffer.copy(from: values, at: 0)
    let sums = Compute(threads: 2).blockSquareSums(buffer, 1..<1000, blockSize: 300)
    #expect(sums.count == 4)
    let expected = values[901..<1000].reduce(0) { $0 + Double($1) * Double($1) }
    #expect(abs(sums[3] - expected) < 1e-12)
    #expect(Compute().blockSquareSums(buffer, 5..<5).isEmpty)
  }

  @Test func infinitiesAndNaNsAreFound() {
    let buffer = FloatBuffer(count: 9000)
    #expect(Compute().allFinite(buffer, 0..<9000))
    buffer[8999] = .infinity
    #expect(!Compute().allFinite(buffer, 0..<9000))
    #expect(Compute().allFinite(buffer, 0..<8999))
    buffer[3] = .nan
    #expect(!Compute().allFinite(buffer, 0..<4))
  }
}
