import Glibc
import Profiling

/// Cosines and sines of every position's angles (arXiv:2104.09864), made when they are first wanted.
///
/// Angles are computed in double precision: at position 100,000 a float32 angle is wrong by 0.004.
public final class RotaryTable {
  /// Angle per position of each pair of dimensions, in radians.
  public let frequencies: [Double]
  /// How many positions the model was made for; the table holds later ones too when asked.
  public let maximumPosition: Int
  /// What cosines and sines are multiplied with (YaRN's attention factor).
  public let scale: Double
  private var rows: FloatBuffer
  private var filled = 0

  public init(frequencies: [Double], maximumPosition: Int, scale: Double = 1) {
    precondition(!frequencies.isEmpty, "a rotary table without frequencies")
    self.frequencies = frequencies
    self.maximumPosition = maximumPosition
    self.scale = scale
    rows = FloatBuffer(count: 0)
  }

  /// Rows [positions, 2 · frequencies]: the cosines, then the sines.
  func values(upTo position: Int) -> FloatBuffer {
    guard position >= filled else { return rows }
    let width = 2 * frequencies.count
    var positions = max(256, filled)
    while positions <= position { positions *= 2 }
    let grown = FloatBuffer(count: positions * width)
    grown.copy(from: rows, 0..<filled * width, at: 0)
    let target = grown.writable
    for position in filled..<positions {
      for (index, frequency) in frequencies.enumerated() {
        let angle = Double(position) * frequency
        target[position * width + index] = Float(cos(angle) * scale)
        target[position * width + frequencies.count + index] = Float(sin(angle) * scale)
      }
    }
    rows = grown
    filled = positions
    return rows
  }
}

extension Compute {
  /// Turns each head of each row by its position's angles, in place; `inverse` turns back.
  ///
  /// x is [rows, heads · headDimension]. The pairs are (i, i + frequencies) as in GPT-NeoX and Llama;
  /// dimensions behind 2 · frequencies stay. A negative position is a padding row and stays.
  public func rotate(
    _ x: Matrix, heads: Int, positions: [Int32], table: RotaryTable, inverse: Bool
  ) {
    precondition(
      heads > 0 && x.columns % heads == 0, "\(x.columns) columns are not \(heads) heads")
    precondition(positions.count == x.rows, "\(positions.count) positions for \(x.rows) rows")
    let (dimension, half) = (x.columns / heads, table.frequencies.count)
    precondition(2 * half <= dimension, "\(half) angles for heads of \(dimension)")
    guard let last = positions.max(), last >= 0 else { return }
    let values = table.values(upTo: Int(last))
    let (angles, target, columns) = (values.pointer, x.writable, x.columns)
    Profiler.measure(.rotary, Work(bytes: 8 * Double(x.count))) {
      spreadRows(x.rows, columns: columns) { range in
        for row in range where positions[row] >= 0 {
          let cosines = UnsafePointer(angles + Int(positions[row]) * 2 * half)
          for head in 0..<heads {
            turn(target + row * columns + head * dimension, cosines, half, inverse)
          }
        }
      }
    }
    withExtendedLifetime(values) {}
  }
}

/// (a, b) → (a cos − b sin, b cos + a sin) for `half` pairs.
private func turn(
  _ head: UnsafeMutablePointer<Float>, _ cosines: UnsafePointer<Float>, _ half: Int,
  _ inverse: Bool
) {
  let sines = cosines + half
  let sign: Float = inverse ? -1 : 1
  var index = 0
  while index &+ 8 <= half {
    let (cosine, sine) = (cosines.lanes(at: index), sines.lanes(at: index) * sign)
    let (a, b) = (head.lanes(at: index), head.lanes(at: index &+ half))
    head.store(a * cosine - b * sine, at: index)
    head.store(b * cosine + a * sine, at: index &+ half)
    index &+= 8
  }
  while index < half {
    let (cosine, sine) = (cosines[index], sines[index] * sign)
    let (a, b) = (head[index], head[index &+ half])
    head[index] = a * cosine - b * sine
    head[index &+ half] = b * cosine + a * sine
    index &+= 1
  }
}
