/// scale · x · w of a low rank, added to a product while its result is near: an adapter beside its layer.
///
/// By itself it would read and write the whole result once more for a few multiplications an element.
public struct LowRankTerm {
  /// [rows, rank].
  public var x: Matrix
  /// As the product's own w lies: [N, rank] where that is transposed, else [rank, K].
  public var w: Matrix
  public var scale: Float

  public init(_ x: Matrix, _ w: Matrix, scale: Float = 1) {
    (self.x, self.w, self.scale) = (x, w, scale)
  }
}

extension Product {
  /// The operands of a term: `left` [rows, depth] row by row, and `right` by strides.
  struct Addend {
    let depth: Int
    let left: UnsafePointer<Float>
    let right: RightSide
    let rightDepthStride: Int
    let columnStride: Int
    let scale: Float

    /// Copies the right side's numbers from a column on into a panel [depth, 16].
    func pack(_ column: Int, width: Int, into panel: UnsafeMutablePointer<Float>) {
      right.pack(
        at: column &* columnStride, depth: depth, columns: width, depthStride: rightDepthStride,
        columnStride: columnStride, into: panel)
    }

    /// Some rows of the left side.
    func rows(_ rows: Range<Int>) -> LeftBlock {
      LeftBlock(
        start: left + rows.lowerBound &* depth, rows: rows.count, rowStride: depth, depth: depth,
        isPacked: false)
    }
  }

  /// The same product with a term added; `transposed` says that the term's w is [columns, rank].
  func adding(_ term: LowRankTerm?, transposed: Bool) -> Product {
    guard let term, term.x.columns > 0 else { return self }
    precondition(depth > 0, "a term beside a product of nothing")
    let rank = term.x.columns
    term.x.requireShape(rows, rank, "what is added")
    term.w.requireShape(transposed ? columns : rank, transposed ? rank : columns, "its factor")
    var product = self
    product.addend = Addend(
      depth: rank, left: term.x.pointer, right: .float32(term.w.pointer),
      rightDepthStride: transposed ? 1 : columns, columnStride: transposed ? rank : 1,
      scale: term.scale)
    return product
  }

  /// The addend as a product by itself, added to the result.
  var addendAlone: Product? {
    addend.map { addend in
      Product(
        rows: rows, columns: columns, depth: addend.depth, left: addend.left,
        rowStride: addend.depth, right: addend.right, rightDepthStride: addend.rightDepthStride,
        columnStride: addend.columnStride, result: result, resultStride: resultStride,
        scale: addend.scale, accumulating: true)
    }
  }
}
