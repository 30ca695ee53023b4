extension ProductTile {
  /// Where a tile's operands lie.
  ///
  /// The left element (i, k) is at `left[i · rowStride + k · depthStride]`, the right row k at
  /// `right[k · rightStride]`, sixteen numbers.
  struct Operands {
    var left: UnsafePointer<Float>
    var rowStride: Int
    var depthStride: Int
    var right: UnsafePointer<Float>
    var rightStride: Int
    var depth: Int
    /// What is asked for next, and how far the asking goes on with each number of the depth.
    var ahead: UnsafePointer<Float>
    var aheadStep: Int
    private let tiles: Int

    /// Operands whose right side is followed by the next block's, for which each of `tiles` tiles asks in its turn.
    init(
      left: UnsafePointer<Float>, rowStride: Int, depthStride: Int = 1,
      right: UnsafePointer<Float>, rightStride: Int = ProductTile.columns, depth: Int, tiles: Int
    ) {
      (self.left, self.rowStride, self.depthStride) = (left, rowStride, depthStride)
      (self.right, self.rightStride, self.depth) = (right, rightStride, depth)
      self.tiles = max(tiles, 1)
      ahead = right + ProductTile.columns &* ProductTile.depthBlock
      aheadStep = max(1, ProductTile.columns / self.tiles)
    }

    /// The tiles ask for these bytes instead.
    mutating func ask(for start: UnsafeRawPointer, byteCount: Int) {
      ahead = start.assumingMemoryBound(to: Float.self)
      aheadStep = max(1, byteCount / (4 &* max(depth, 1) &* tiles))
    }

    /// The next tile's, whose left side is so much further.
    @inline(__always) mutating func advance(_ count: Int) {
      left += count
      ahead += aheadStep &* depth
    }
  }

  /// What becomes of a sum s: the result is s · scale, added to what is there or in its place.
  struct Target {
    var result: UnsafeMutablePointer<Float>
    var stride: Int
    var scale: Float
    var isAdded: Bool

    @inline(__always) func put(_ first: Lanes, _ second: Lanes, _ row: Int) {
      let place = result + row &* stride
      if isAdded {
        place.store(place.lanes(at: 0) + first * scale, at: 0)
        place.store(place.lanes(at: 8) + second * scale, at: 8)
      } else {
        place.store(first * scale, at: 0)
        place.store(second * scale, at: 8)
      }
    }

    /// Eight columns of a row.
    @inline(__always) func put(_ sum: Lanes, _ row: Int) {
      let place = result + row &* stride
      place.store(isAdded ? place.lanes(at: 0) + sum * scale : sum * scale, at: 0)
    }
  }
}
