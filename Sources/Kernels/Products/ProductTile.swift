import CVectors

/// The inner loop of every float32 product: some rows by sixteen columns, held in registers.
///
/// An element is a chain of fused multiply-adds over a block of `depthBlock` products, in their order,
/// and the blocks' sums are added to the result one behind the other. A chain knows nothing of the
/// rows and columns beside it, nor of how wide the processor's registers are: an element has the same
/// bits in a product of any height, on any number of threads, on any processor with FMA.
///
/// Tiles of three rows and more ask for the numbers of the next block of the depth as they go, each tile of a block
/// for its share of them: panels that come from memory are then read while all of a block's rows are computed, and not
/// by its first rows alone.
enum ProductTile {
  static let rows = 6
  static let columns = 16
  static let depthBlock = 256

  /// How many tiles so many rows are.
  static func tiles(rows: Int) -> Int { (rows &+ 5) / 6 }

  /// Rows × 16 columns for one block of the depth.
  static func multiply(rows: Int, _ operands: Operands, into target: Target) {
    var (operands, target, left) = (operands, target, rows)
    while left > 0 {
      let height: Int
      switch left {
      case 7, 8:
        // Four and three or four keep more sums in flight than six and one or two.
        fourRows(operands, target)
        height = 4
      case 6...:
        sixRows(operands, target)
        height = 6
      case 4...:
        fourRows(operands, target)
        height = 4
      case 3:
        threeRows(operands, target)
        height = 3
      case 2:
        twoRows(operands, target)
        height = 2
      default:
        oneRow(operands, target)
        height = 1
      }
      operands.advance(height &* operands.rowStride)
      target.result += height &* target.stride
      left &-= height
    }
  }

  private static func sixRows(_ operands: Operands, _ target: Target) {
    var (s0, t0, s1, t1, s2, t2) = (Lanes(), Lanes(), Lanes(), Lanes(), Lanes(), Lanes())
    var (s3, t3, s4, t4, s5, t5) = (Lanes(), Lanes(), Lanes(), Lanes(), Lanes(), Lanes())
    let (step, next) = (operands.depthStride, operands.rowStride)
    var (upper, right, ahead) = (operands.left, operands.right, operands.ahead)
    var lower = upper + 3 &* next
    for _ in 0..<operands.depth {
      zhinao_prefetch(ahead)
      ahead += operands.aheadStep
      let (w, v) = (right.lanes(at: 0), right.lanes(at: 8))
      var x = Lanes(repeating: upper[0])
      (s0, t0) = (s0.addingProduct(x, w), t0.addingProduct(x, v))
      x = Lanes(repeating: upper[next])
      (s1, t1) = (s1.addingProduct(x, w), t1.addingProduct(x, v))
      x = Lanes(repeating: upper[2 &* next])
      (s2, t2) = (s2.addingProduct(x, w), t2.addingProduct(x, v))
      x = Lanes(repeating: lower[0])
      (s3, t3) = (s3.addingProduct(x, w), t3.addingProduct(x, v))
      x = Lanes(repeating: lower[next])
      (s4, t4) = (s4.addingProduct(x, w), t4.addingProduct(x, v))
      x = Lanes(repeating: lower[2 &* next])
      (s5, t5) = (s5.addingProduct(x, w), t5.addingProduct(x, v))
      upper += step
      lower += step
      right += operands.rightStride
    }
    target.put(s0, t0, 0)
    target.put(s1, t1, 1)
    target.put(s2, t2, 2)
    target.put(s3, t3, 3)
    target.put(s4, t4, 4)
    target.put(s5, t5, 5)
  }

  private static func fourRows(_ operands: Operands, _ target: Target) {
    var (s0, t0, s1, t1) = (Lanes(), Lanes(), Lanes(), Lanes())
    var (s2, t2, s3, t3) = (Lanes(), Lanes(), Lanes(), Lanes())
    let next = operands.rowStride
    var (left, right, ahead) = (operands.left, operands.right, operands.ahead)
    for _ in 0..<operands.depth {
      zhinao_prefetch(ahead)
      ahead += operands.aheadStep
      let (w, v) = (right.lanes(at: 0), right.lanes(at: 8))
      var x = Lanes(repeating: left[0])
      (s0, t0) = (s0.addingProduct(x, w), t0.addingProduct(x, v))
      x = Lanes(repeating: left[next])
      (s1, t1) = (s1.addingProduct(x, w), t1.addingProduct(x, v))
      x = Lanes(repeating: left[2 &* next])
      (s2, t2) = (s2.addingProduct(x, w), t2.addingProduct(x, v))
      x = Lanes(repeating: left[3 &* next])
      (s3, t3) = (s3.addingProduct(x, w), t3.addingProduct(x, v))
      left += operands.depthStride
      right += operands.rightStride
    }
    target.put(s0, t0, 0)
    target.put(s1, t1, 1)
    target.put(s2, t2, 2)
    target.put(s3, t3, 3)
  }

  private static func threeRows(_ operands: Operands, _ target: Target) {
    var (s0, t0, s1, t1, s2, t2) = (Lanes(), Lanes(), Lanes(), Lanes(), Lanes(), Lanes())
    let next = operands.rowStride
    var (left, right, ahead) = (operands.left, operands.right, operands.ahead)
    for _ in 0..<operands.depth {
      zhinao_prefetch(ahead)
      ahead += operands.aheadStep
      let (w, v) = (right.lanes(at: 0), right.lanes(at: 8))
      var x = Lanes(repeating: left[0])
      (s0, t0) = (s0.addingProduct(x, w), t0.addingProduct(x, v))
      x = Lanes(repeating: left[next])
      (s1, t1) = (s1.addingProduct(x, w), t1.addingProduct(x, v))
      x = Lanes(repeating: left[2 &* next])
      (s2, t2) = (s2.addingProduct(x, w), t2.addingProduct(x, v))
      left += operands.depthStride
      right += operands.rightStride
    }
    target.put(s0, t0, 0)
    target.put(s1, t1, 1)
    target.put(s2, t2, 2)
  }

  private static func twoRows(_ operands: Operands, _ target: Target) {
    var (s0, t0, s1, t1) = (Lanes(), Lanes(), Lanes(), Lanes())
    var (left, right) = (operands.left, operands.right)
    for _ in 0..<operands.depth {
      let (w, v) = (right.lanes(at: 0), right.lanes(at: 8))
      var x = Lanes(repeating: left[0])
      (s0, t0) = (s0.addingProduct(x, w), t0.addingProduct(x, v))
      x = Lanes(repeating: left[operands.rowStride])
      (s1, t1) = (s1.addingProduct(x, w), t1.addingProduct(x, v))
      left += operands.depthStride
      right += operands.rightStride
    }
    target.put(s0, t0, 0)
    target.put(s1, t1, 1)
  }

  private static func oneRow(_ operands: Operands, _ target: Target) {
    var (s, t) = (Lanes(), Lanes())
    var (left, right) = (operands.left, operands.right)
    for _ in 0..<operands.depth {
      let x = Lanes(repeating: left[0])
      (s, t) = (
        s.addingProduct(x, right.lanes(at: 0)), t.addingProduct(x, right.lanes(at: 8))
      )
      left += operands.depthStride
      right += operands.rightStride
    }
    target.put(s, t, 0)
  }
}
