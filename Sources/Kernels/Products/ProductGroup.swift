/// Some columns of a product with its right side packed into panels, which threads fill and then share.
protocol ProductGroup {
  /// The most rows that pass over a panel while it stays near.
  static var rowLimit: Int { get }
  /// One slab: its left side has to find room beside the panels.
  var product: Product { get }
  var columns: Range<Int> { get }
  /// How many numbers of room `multiply` needs.
  var roomCount: Int { get }
  /// How many float32 numbers' room a group's panels take.
  static func count(_ product: Product, _ columns: Range<Int>) -> Int
  init(_ product: Product, _ columns: Range<Int>, room: UnsafeMutablePointer<Float>)
  /// Fills one panel from the right side.
  func pack(_ index: Int)
  /// At most `rowLimit` rows times all panels, on this thread.
  func multiply(_ rows: Range<Int>, _ room: UnsafeMutablePointer<Float>)
}

extension ProductGroup {
  var panelCount: Int { (columns.count + 15) / 16 }

  /// A panel's first column, and how many of its sixteen are wanted.
  func place(_ index: Int) -> (column: Int, width: Int) {
    let column = columns.lowerBound &+ 16 &* index
    return (column, min(16, columns.upperBound &- column))
  }
}

extension Compute {
  /// All threads pack the panels of some columns at a time, and then share out the rows.
  func runTogether<Group: ProductGroup>(_ slab: Product, as type: Group.Type) {
    for columns in slab.groups(of: 0..<slab.columns, numbers: Product.sharedNumbers) {
      engine.scratch.borrow(Group.count(slab, columns)) { room in
        let group = Group(slab, columns, room: room)
        spread(group.panelCount, work: 16 * group.panelCount * slab.depth) { group.pack($0) }
        let size = min(Group.rowLimit, ((slab.rows + threads - 1) / threads + 5) / 6 * 6)
        let rows = blocks(of: slab.rows, size: size)
        spread(rows.count, work: slab.work) { index in
          engine.scratch.borrow(group.roomCount) { room in group.multiply(rows[index], room) }
        }
      }
    }
  }
}
