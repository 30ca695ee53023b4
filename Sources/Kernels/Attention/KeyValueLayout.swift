/// How some positions of one head lie in memory as right sides of products.
///
/// *Across* is [dimension, 16] for every sixteen positions: the right side of q·Kᵀ. *Along* is
/// [positions, 16] for every sixteen dimensions, zeros behind the last: the right side of P·V.
struct KeyValueLayout {
  /// Positions whose scores become one piece of the softmax, counted from a sequence's start.
  static let chunk = 64

  let dimension: Int
  /// The dimension, filled up to whole panels.
  let paddedDimension: Int
  /// A multiple of sixteen.
  let positions: Int

  init(dimension: Int, positions: Int = chunk) {
    self.dimension = dimension
    self.positions = positions
    paddedDimension = (dimension + 15) / 16 * 16
  }

  var acrossCount: Int { positions &* dimension }
  var alongCount: Int { positions &* paddedDimension }
  /// Sixteen positions' keys.
  var panelCount: Int { 16 &* dimension }

  /// Puts a head's vector at a place among the positions.
  @inline(__always) func putAcross(
    _ vector: UnsafePointer<Float>, _ place: Int, into start: UnsafeMutablePointer<Float>
  ) {
    let target = start + (place / 16 &* panelCount &+ place % 16)
    for index in 0..<dimension { target[index &* 16] = vector[index] }
  }

  @inline(__always) func putAlong(
    _ vector: UnsafePointer<Float>, _ place: Int, into start: UnsafeMutablePointer<Float>
  ) {
    var (target, index) = (start + place &* 16, 0)
    while index &+ 16 <= dimension {
      target.store(vector.lanes(at: index), at: 0)
      target.store(vector.lanes(at: index &+ 8), at: 8)
      target += 16 &* positions
      index &+= 16
    }
    if index < dimension {
      for column in 0..<16 {
        target[column] = index &+ column < dimension ? vector[index &+ column] : 0
      }
    }
  }
}
