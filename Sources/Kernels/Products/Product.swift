/// result [rows, columns] = scale · left · right, or added to it.
///
/// Operands are read by strides: a transposed matrix is one with its strides exchanged. How the work
/// is cut up is a matter of caches and threads alone; no element's bits depend on it (`ProductTile`).
struct Product {
  var rows: Int
  var columns: Int
  var depth: Int
  /// The element (i, k) is at `left[i · rowStride + k · leftDepthStride]`.
  var left: UnsafePointer<Float>
  var rowStride: Int
  var leftDepthStride = 1
  /// The element (k, j) is at `right[k · rightDepthStride + j · columnStride]`.
  var right: RightSide
  var rightDepthStride: Int
  var columnStride: Int
  var result: UnsafeMutablePointer<Float>
  var resultStride: Int
  var scale: Float = 1
  var accumulating = false
  /// A second product of the same shape, added to this one's result while that is near.
  var addend: Addend?

  /// How many numbers of panels a thread packs at once: two megabytes, which stay in the third-level cache.
  static let ownNumbers = 1 << 19
  /// How many numbers of panels all threads pack at once: sixteen megabytes.
  ///
  /// A packed left side is packed again for each such group.
  static let sharedNumbers = 1 << 22
  /// A multiple of a tile's block of the depth, so that cutting there changes no chain.
  static let slabDepth = 8 * ProductTile.depthBlock

  /// A left side that runs across memory is copied into tiles first.
  var packsLeft: Bool { leftDepthStride != 1 }

  /// The product cut along its depth, one added to the other, and the last with the addend.
  var slabs: [Product] {
    stride(from: 0, to: depth, by: Product.slabDepth).map { start in
      var slab = self
      slab.depth = min(Product.slabDepth, depth - start)
      slab.left = left + start * leftDepthStride
      slab.right = right.advanced(by: start * rightDepthStride)
      slab.accumulating = accumulating || start > 0
      slab.addend = start + slab.depth == depth ? addend : nil
      return slab
    }
  }

  /// Columns in groups of whole panels of at most so many numbers.
  func groups(of columns: Range<Int>, numbers: Int) -> [Range<Int>] {
    let width = 16 * max(1, numbers / (16 * depth))
    return stride(from: columns.lowerBound, to: columns.upperBound, by: width).map { start in
      start..<min(start + width, columns.upperBound)
    }
  }

  /// What a product of nothing is: zeros, or what was there.
  func clear() {
    guard !accumulating else { return }
    for row in 0..<rows { (result + row &* resultStride).clear(columns) }
  }
}
