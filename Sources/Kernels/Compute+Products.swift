import COpenBLAS

extension Compute {
  /// y = scale · x · wᵀ: x is [rows, K], w [N, K] as PyTorch keeps it, y [rows, N].
  ///
  /// A row's bits depend neither on the other rows nor on its place where the number of rows is a
  /// multiple of `rowMultiple`. `accumulating` adds to y.
  public func multiply(
    _ x: Matrix, transposed w: Matrix, into y: Matrix, scale: Float = 1,
    accumulating: Bool = false
  ) {
    precondition(x.columns == w.columns, "cannot multiply \(x.shape) by \(w.shape) transposed")
    y.requireShape(x.rows, w.rows, "the product")
    if isSmall(w) {
      return multiplyRows(
        x, w.pointer, outputs: w.rows, into: y, scale: scale, accumulating: accumulating)
    }
    run(
      Product(
        rows: x.rows, columns: w.rows, depth: x.columns,
        left: x.pointer, leftStride: x.columns, leftTransposed: false,
        right: w.pointer, rightStride: w.columns, rightTransposed: true,
        result: y.writable, resultStride: y.columns, scale: scale, accumulating: accumulating))
  }

  /// dx = scale · dy · w: dy is [rows, N], w [N, K], dx [rows, K].
  ///
  /// Rows are independent as in the product with the transposed.
  public func multiply(
    _ dy: Matrix, _ w: Matrix, into dx: Matrix, scale: Float = 1, accumulating: Bool = false
  ) {
    precondition(dy.columns == w.rows, "cannot multiply \(dy.shape) by \(w.shape)")
    dx.requireShape(dy.rows, w.columns, "the product")
    if isSmall(w) {
      return engine.scratch.borrow(w.count) { turned in
        let source = w.pointer
        for row in 0..<w.rows {
          for column in 0..<w.columns {
            turned[column &* w.rows &+ row] = source[row &* w.columns &+ column]
          }
        }
        multiplyRows(
          dy, UnsafePointer(turned), outputs: w.columns, into: dx, scale: scale,
          accumulating: accumulating)
      }
    }
    run(
      Product(
        rows: dy.rows, columns: w.columns, depth: dy.columns,
        left: dy.pointer, leftStride: dy.columns, leftTransposed: false,
        right: w.pointer, rightStride: w.columns, rightTransposed: false,
        result: dx.writable, resultStride: dx.columns, scale: scale, accumulating: accumulating))
  }

  /// dw = scale · dyᵀ · x: dy is [rows, N], x [rows, K], dw [N, K].
  ///
  /// It sums over rows, so its bits belong to the batch.
  public func multiply(
    transposed dy: Matrix, _ x: Matrix, into dw: Matrix, scale: Float = 1,
    accumulating: Bool = false
  ) {
    precondition(dy.rows == x.rows, "cannot multiply \(dy.shape) transposed by \(x.shape)")
    dw.requireShape(dy.columns, x.columns, "the product")
    run(
      Product(
        rows: dy.columns, columns: x.columns, depth: dy.rows,
        left: dy.pointer, leftStride: dy.columns, leftTransposed: true,
        right: x.pointer, rightStride: x.columns, rightTransposed: false,
        result: dw.writable, resultStride: dw.columns, scale: scale, accumulating: accumulating))
  }

  /// Weights for which OpenBLAS (0.3.21) chooses its kernel by the number of rows.
  ///
  /// On AVX-512 it has other kernels, with other bits, for products of up to 10⁶ multiplications: 32
  /// rows of a piece with 32,768 weights are above that. Below, our own kernel multiplies, whose rows
  /// never depend on each other. These are the matrices of small models and of low-rank adapters.
  private func isSmall(_ w: Matrix) -> Bool {
    w.count < 65_536 || w.rows < 16 || w.columns < 16
  }

  private func run(_ product: Product) {
    guard product.rows > 0, product.columns > 0 else { return }
    let ways = Compute.pieces(product.columns, depth: product.depth)
    let work = product.rows * product.columns * max(product.depth, 1) / 8
    guard precision == .bfloat16, product.depth > 0 else {
      return spread(ways, work: work) { index in product.piece(index, of: ways).multiply() }
    }
    runBrainFloat(product, ways: ways, work: work)
  }

  /// How many pieces a product is cut into: by its weights' shape alone, never by threads.
  ///
  /// Every piece packs the left matrix again, so narrow pieces cost time on one thread; a power of two
  /// divides evenly among the usual numbers of threads. The last piece, the narrowest, must be beyond
  /// what `isSmall` says of OpenBLAS.
  static func pieces(_ columns: Int, depth: Int) -> Int {
    var ways = 1
    while ways < 16, columns / (ways * 2) >= 256 { ways *= 2 }
    if ways == 1, columns >= 96 { ways = 2 }
    while ways > 1 {
      let last = columns - (ways - 1) * Product.width(columns, ways)
      if last >= 16, last * depth >= 32_768 { break }
      ways /= 2
    }
    return ways
  }
}

/// result [rows, columns] = scale · left · right, in the words of BLAS.
struct Product {
  var rows: Int
  var columns: Int
  var depth: Int
  var left: UnsafePointer<Float>
  var leftStride: Int
  var leftTransposed: Bool
  var right: UnsafePointer<Float>
  var rightStride: Int
  var rightTransposed: Bool
  var result: UnsafeMutablePointer<Float>
  var resultStride: Int
  var scale: Float = 1
  var accumulating = false

  /// A piece's columns: multiples of 16, a register's width.
  static func width(_ columns: Int, _ ways: Int) -> Int {
    ((columns + ways - 1) / ways + 15) / 16 * 16
  }

  func columns(ofPiece index: Int, of ways: Int) -> Range<Int> {
    let width = Product.width(columns, ways)
    return min(columns, index * width)..<min(columns, (index + 1) * width)
  }

  func piece(_ index: Int, of ways: Int) -> Product {
    let range = columns(ofPiece: index, of: ways)
    var piece = self
    piece.columns = range.count
    piece.right += rightTransposed ? range.lowerBound * rightStride : range.lowerBound
    piece.result += range.lowerBound
    return piece
  }

  /// On this thread, in float32.
  func multiply() {
    guard rows > 0, columns > 0 else { return }
    cblas_sgemm(
      CblasRowMajor, leftTransposed ? CblasTrans : CblasNoTrans,
      rightTransposed ? CblasTrans : CblasNoTrans, Int32(rows), Int32(columns), Int32(depth), scale,
      left, Int32(leftStride), right, Int32(rightStride), accumulating ? 1 : 0, result,
      Int32(resultStride))
  }
}
