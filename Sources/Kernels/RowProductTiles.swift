/// Sums of one row with eight outputs: eight streams of weights hide the memory's latency.
struct OneByEight {
  private let a: UnsafePointer<Float>
  private let b: UnsafePointer<Float>
  private let depth: Int
  var (s0, s1, s2, s3) = (Lanes(), Lanes(), Lanes(), Lanes())
  var (s4, s5, s6, s7) = (Lanes(), Lanes(), Lanes(), Lanes())

  @inline(__always) init(
    _ row: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, _ depth: Int
  ) {
    (a, b, self.depth) = (row, weights, depth)
  }

  @inline(__always) mutating func add(_ k: Int, _ count: Int) {
    let left = a.some(at: k, count: count)
    s0 = s0.addingProduct(left, b.some(at: k, count: count))
    s1 = s1.addingProduct(left, b.some(at: depth &+ k, count: count))
    s2 = s2.addingProduct(left, b.some(at: 2 &* depth &+ k, count: count))
    s3 = s3.addingProduct(left, b.some(at: 3 &* depth &+ k, count: count))
    s4 = s4.addingProduct(left, b.some(at: 4 &* depth &+ k, count: count))
    s5 = s5.addingProduct(left, b.some(at: 5 &* depth &+ k, count: count))
    s6 = s6.addingProduct(left, b.some(at: 6 &* depth &+ k, count: count))
    s7 = s7.addingProduct(left, b.some(at: 7 &* depth &+ k, count: count))
  }
}

/// Sums of four rows with three outputs: twelve registers of sums, seven loads for twelve products.
struct FourByThree {
  private let a: UnsafePointer<Float>
  private let b: UnsafePointer<Float>
  private let depth: Int
  var (s00, s01, s02) = (Lanes(), Lanes(), Lanes())
  var (s10, s11, s12) = (Lanes(), Lanes(), Lanes())
  var (s20, s21, s22) = (Lanes(), Lanes(), Lanes())
  var (s30, s31, s32) = (Lanes(), Lanes(), Lanes())

  @inline(__always) init(
    _ row: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, _ depth: Int
  ) {
    (a, b, self.depth) = (row, weights, depth)
  }

  @inline(__always) mutating func add(_ k: Int, _ count: Int) {
    let w0 = b.some(at: k, count: count)
    let w1 = b.some(at: depth &+ k, count: count)
    let w2 = b.some(at: 2 &* depth &+ k, count: count)
    var left = a.some(at: k, count: count)
    s00 = s00.addingProduct(left, w0)
    s01 = s01.addingProduct(left, w1)
    s02 = s02.addingProduct(left, w2)
    left = a.some(at: depth &+ k, count: count)
    s10 = s10.addingProduct(left, w0)
    s11 = s11.addingProduct(left, w1)
    s12 = s12.addingProduct(left, w2)
    left = a.some(at: 2 &* depth &+ k, count: count)
    s20 = s20.addingProduct(left, w0)
    s21 = s21.addingProduct(left, w1)
    s22 = s22.addingProduct(left, w2)
    left = a.some(at: 3 &* depth &+ k, count: count)
    s30 = s30.addingProduct(left, w0)
    s31 = s31.addingProduct(left, w1)
    s32 = s32.addingProduct(left, w2)
  }
}
