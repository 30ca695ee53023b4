/// A row's columns in the order of their magnitudes, the smallest first, by counting their bits a byte at a time.
struct RowOrder {
  private let columns: Int
  /// The magnitude's bits above the column's number.
  private var keys: [UInt64]
  private var sorted: [UInt64]

  init(columns: Int) {
    self.columns = columns
    keys = [UInt64](repeating: 0, count: columns)
    sorted = keys
  }

  /// Sorts a row, given the magnitudes of its lanes; of equal ones the first comes first.
  mutating func sort(_ magnitudes: (Int) -> SIMD8<UInt32>) {
    var differing: UInt64 = 0
    for lanes in 0..<(columns + 7) / 8 {
      let eight = magnitudes(lanes)
      for lane in 0..<min(8, columns - lanes * 8) {
        let column = lanes * 8 + lane
        keys[column] = UInt64(eight[lane]) << 32 | UInt64(column)
        differing |= keys[column] ^ keys[0]
      }
    }
    for shift in stride(from: 32, to: 64, by: 8) where differing >> UInt64(shift) & 0xFF != 0 {
      keys.withUnsafeBufferPointer { keys in
        sorted.withUnsafeMutableBufferPointer { RowOrder.pass(keys, into: $0, UInt64(shift)) }
      }
      swap(&keys, &sorted)
    }
  }

  /// Lends the columns' numbers, in the lower halves of words.
  func withColumns(_ body: (Span<UInt64>) -> Void) { body(keys.span) }

  /// Orders keys by one byte, those of equal bytes as they stand.
  ///
  /// Both halves are counted and moved side by side: a bin's counter is read right after it was written
  /// where neighbours have one byte, and each half waits for its own.
  private static func pass(
    _ keys: UnsafeBufferPointer<UInt64>, into sorted: UnsafeMutableBufferPointer<UInt64>,
    _ shift: UInt64
  ) {
    guard let from = keys.baseAddress, let to = sorted.baseAddress else { return }
    let half = keys.count / 2
    let second = from + half
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 512) { starts in
      starts.initialize(repeating: 0)
      guard let first = starts.baseAddress else { return }
      let other = first + 256
      for index in 0..<half {
        first[bin(from[index], shift)] &+= 1
        other[bin(second[index], shift)] &+= 1
      }
      if keys.count % 2 == 1 { other[bin(from[keys.count &- 1], shift)] &+= 1 }
      var start: UInt32 = 0
      for bin in 0..<256 {
        let (count, later) = (first[bin], other[bin])
        first[bin] = start
        other[bin] = start &+ count
        start &+= count &+ later
      }
      for index in 0..<half {
        move(from[index], first, shift, to)
        move(second[index], other, shift, to)
      }
      if keys.count % 2 == 1 { move(from[keys.count &- 1], other, shift, to) }
    }
  }

  @inline(__always) private static func bin(_ key: UInt64, _ shift: UInt64) -> Int {
    Int(truncatingIfNeeded: key &>> shift & 0xFF)
  }

  @inline(__always) private static func move(
    _ key: UInt64, _ starts: UnsafeMutablePointer<UInt32>, _ shift: UInt64,
    _ sorted: UnsafeMutablePointer<UInt64>
  ) {
    let bin = bin(key, shift)
    sorted[Int(starts[bin])] = key
    starts[bin] &+= 1
  }
}
