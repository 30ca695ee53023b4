/// How 64 positions of one head lie in memory as right sides of products.
///
/// *Across* is [dimension, 16] for every sixteen positions: the right side of q·Kᵀ. *Along* is
/// [64, 16] for every sixteen dimensions, zeros behind the last: the right side of P·V.
struct PageLayout {
  static let positions = 64

  let dimension: Int
  /// The dimension, filled up to whole panels.
  let paddedDimension: Int

  init(dimension: Int) {
    self.dimension = dimension
    paddedDimension = (dimension + 15) / 16 * 16
  }

  var acrossCount: Int { PageLayout.positions * dimension }
  var alongCount: Int { PageLayout.positions * paddedDimension }

  /// Puts a head's vector at a place of the page.
  @inline(__always) func putAcross(
    _ vector: UnsafePointer<Float>, _ place: Int, into page: UnsafeMutablePointer<Float>
  ) {
    let target = page + (place / 16 &* 16 &* dimension &+ place % 16)
    for index in 0..<dimension { target[index &* 16] = vector[index] }
  }

  @inline(__always) func putAlong(
    _ vector: UnsafePointer<Float>, _ place: Int, into page: UnsafeMutablePointer<Float>
  ) {
    var (target, index) = (page + place &* 16, 0)
    while index &+ 16 <= dimension {
      target.store(vector.lanes(at: index), at: 0)
      target.store(vector.lanes(at: index &+ 8), at: 8)
      target += 16 &* PageLayout.positions
      index &+= 16
    }
    if index < dimension {
      for column in 0..<16 {
        target[column] = index &+ column < dimension ? vector[index &+ column] : 0
      }
    }
  }
}
