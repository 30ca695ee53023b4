/// Copies sixteen columns of a right operand into a panel [depth, 16], zeros behind the last column.
///
/// The element (k, j) is at `source[k · depthStride + j · columnStride]`.
func packPanel(
  _ source: UnsafePointer<Float>, depth: Int, columns: Int, depthStride: Int, columnStride: Int,
  into panel: UnsafeMutablePointer<Float>
) {
  guard columns == 16 else {
    panel.clear(depth &* 16)
    for k in 0..<depth {
      for j in 0..<columns {
        panel[k &* 16 &+ j] = source[k &* depthStride &+ j &* columnStride]
      }
    }
    return
  }
  if columnStride == 1 {
    for k in 0..<depth {
      let (from, to) = (source + k &* depthStride, panel + k &* 16)
      to.store(from.lanes(at: 0), at: 0)
      to.store(from.lanes(at: 8), at: 8)
    }
    return
  }
  // Sixteen streams of memory, each read in order; a cache line of each serves sixteen rows of the panel.
  for half in 0..<2 {
    let base = source + half &* 8 &* columnStride
    let (a, b, c, d) = (
      base, base + columnStride, base + 2 &* columnStride, base + 3 &* columnStride
    )
    let next = base + 4 &* columnStride
    let (e, f, g, h) = (
      next, next + columnStride, next + 2 &* columnStride, next + 3 &* columnStride
    )
    var (k, to) = (0, panel + half &* 8)
    for _ in 0..<depth {
      to.store(Lanes(a[k], b[k], c[k], d[k], e[k], f[k], g[k], h[k]), at: 0)
      k &+= depthStride
      to += 16
    }
  }
}

/// Copies rows of a left operand into tiles: for each block of the depth the tiles [block, 6] one behind the other, the
/// last one as narrow as its rows.
///
/// The element (i, k) is at `source[i · rowStride + k · depthStride]`.
func packTiles(
  _ source: UnsafePointer<Float>, rows: Int, depth: Int, rowStride: Int, depthStride: Int,
  into tiles: UnsafeMutablePointer<Float>
) {
  let whole = rowStride == 1 ? rows / ProductTile.rows &* ProductTile.rows : 0
  for start in stride(from: 0, to: depth, by: ProductTile.depthBlock) {
    let count = min(ProductTile.depthBlock, depth &- start)
    let block = tiles + start &* rows
    // All rows of a number of the depth lie together in memory.
    for k in 0..<count {
      var (from, to) = (source + (start &+ k) &* depthStride, block + k &* ProductTile.rows)
      for _ in 0..<whole / ProductTile.rows {
        let (raw, target) = (UnsafeRawPointer(from), UnsafeMutableRawPointer(to))
        let (four, two) = (
          raw.loadUnaligned(as: SIMD4<Float>.self),
          raw.loadUnaligned(fromByteOffset: 16, as: SIMD2<Float>.self)
        )
        target.storeBytes(of: four, as: SIMD4<Float>.self)
        target.storeBytes(of: two, toByteOffset: 16, as: SIMD2<Float>.self)
        from += ProductTile.rows
        to += ProductTile.rows &* count
      }
    }
    for row in stride(from: whole, to: rows, by: ProductTile.rows) {
      let height = min(ProductTile.rows, rows &- row)
      var to = block + row &* count
      for k in start..<start &+ count {
        let from = source + (row &* rowStride &+ k &* depthStride)
        for i in 0..<height { to[i] = from[i &* rowStride] }
        to += height
      }
    }
  }
}
