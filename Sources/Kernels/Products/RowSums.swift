/// The running sums of some rows of a product times sixteen outputs, held in registers.
protocol RowSums {
  /// Every row's number at x + row · stride times the weights of sixteen outputs.
  mutating func add(_ x: UnsafePointer<Float>, _ stride: Int, _ first: Lanes, _ second: Lanes)
  func put(into target: ProductTile.Target, _ row: Int)
}

/// Heights are put together from rows, so that each is a tile of its own to the compiler.
protocol StackedRows: RowSums {
  static var rows: Int { get }
  init()
}

struct OneRow: StackedRows {
  static var rows: Int { 1 }
  private var (first, second) = (Lanes(), Lanes())

  @inline(__always) init() {}

  @inline(__always) mutating func add(
    _ x: UnsafePointer<Float>, _ stride: Int, _ first: Lanes, _ second: Lanes
  ) {
    let x = Lanes(repeating: x[0])
    self.first = self.first.addingProduct(x, first)
    self.second = self.second.addingProduct(x, second)
  }

  @inline(__always) func put(into target: ProductTile.Target, _ row: Int) {
    target.put(first, second, row)
  }
}

/// One row times the first eight of the outputs alone.
struct HalfRow: StackedRows {
  static var rows: Int { 1 }
  private var sum = Lanes()

  @inline(__always) init() {}

  @inline(__always) mutating func add(
    _ x: UnsafePointer<Float>, _ stride: Int, _ first: Lanes, _ second: Lanes
  ) {
    sum = sum.addingProduct(Lanes(repeating: x[0]), first)
  }

  @inline(__always) func put(into target: ProductTile.Target, _ row: Int) {
    target.put(sum, row)
  }
}

struct RowPair<Upper: StackedRows, Lower: StackedRows>: StackedRows {
  static var rows: Int { @inline(__always) get { Upper.rows &+ Lower.rows } }
  private var upper = Upper()
  private var lower = Lower()

  @inline(__always) init() {}

  @inline(__always) mutating func add(
    _ x: UnsafePointer<Float>, _ stride: Int, _ first: Lanes, _ second: Lanes
  ) {
    upper.add(x, stride, first, second)
    lower.add(x + Upper.rows &* stride, stride, first, second)
  }

  @inline(__always) func put(into target: ProductTile.Target, _ row: Int) {
    upper.put(into: target, row)
    lower.put(into: target, row &+ Upper.rows)
  }
}

typealias TwoRows = RowPair<OneRow, OneRow>
typealias ThreeRows = RowPair<TwoRows, OneRow>
typealias FourRows = RowPair<TwoRows, TwoRows>
typealias TwoHalfRows = RowPair<HalfRow, HalfRow>
typealias ThreeHalfRows = RowPair<TwoHalfRows, HalfRow>
typealias FourHalfRows = RowPair<TwoHalfRows, TwoHalfRows>

/// Rows that leave the weights [depth, 16] in `room`, for the rows after them.
struct KeepingRows<Rows: StackedRows>: RowSums {
  private var room: UnsafeMutablePointer<Float>
  private var rows = Rows()

  @inline(__always) init(room: UnsafeMutablePointer<Float>) { self.room = room }

  @inline(__always) mutating func add(
    _ x: UnsafePointer<Float>, _ stride: Int, _ first: Lanes, _ second: Lanes
  ) {
    room.store(first, at: 0)
    room.store(second, at: 8)
    room += 16
    rows.add(x, stride, first, second)
  }

  @inline(__always) func put(into target: ProductTile.Target, _ row: Int) {
    rows.put(into: target, row)
  }
}
