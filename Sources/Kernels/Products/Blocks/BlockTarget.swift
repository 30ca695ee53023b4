/// Where a panel's sums [rows, 16] go: in the place of what is there or added to it, times a scale.
struct BlockTarget {
  let place: UnsafeMutablePointer<Float>
  /// From one row to the next.
  let stride: Int
  /// How many of the sixteen columns are wanted.
  let width: Int
  let scale: Float
  var isAdded: Bool

  /// Some rows' sums from `first` on.
  @inline(__always) func put(_ sums: UnsafePointer<Float>, rows: Int, from first: Int) {
    let start = place + first &* stride
    guard width < BlockTile.columns else {
      let target = ProductTile.Target(
        result: start, stride: stride, scale: scale, isAdded: isAdded)
      for row in 0..<rows {
        target.put(sums.lanes(at: 16 &* row), sums.lanes(at: 16 &* row &+ 8), row)
      }
      return
    }
    for row in 0..<rows {
      let line = start + row &* stride
      for column in 0..<width {
        let sum = sums[16 &* row &+ column] * scale
        line[column] = isAdded ? line[column] + sum : sum
      }
    }
  }
}
