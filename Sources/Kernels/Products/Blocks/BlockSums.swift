/// Where sums [rows, 16] of a panel's columns go: as they are, or added to what is there, times a scale.
struct BlockSums {
  let sums: UnsafeMutablePointer<Float>
  let rows: Int
  /// How many of the sixteen columns are wanted.
  let width: Int
  let scale: Float
  let isAdded: Bool

  /// The wanted columns to lines that lie `stride` apart.
  func put(into place: UnsafeMutablePointer<Float>, stride: Int) {
    guard width < BlockTile.columns else {
      let target = ProductTile.Target(result: place, stride: stride, scale: scale, isAdded: isAdded)
      for row in 0..<rows {
        target.put(sums.lanes(at: 16 &* row), sums.lanes(at: 16 &* row &+ 8), row)
      }
      return
    }
    for row in 0..<rows {
      let line = place + row &* stride
      for column in 0..<width {
        let sum = sums[16 &* row &+ column] * scale
        line[column] = isAdded ? line[column] + sum : sum
      }
    }
  }
}
