/// A few rows times a panel, whose numbers are widened in registers: the chains of `ProductTile`.
///
/// Each height and format is a function of its own, without closures: where the compiler does not inline one, sums
/// are kept in memory, and the products take half as long again.
enum PackedTile {
  /// The most rows that a tile has.
  static let rows = 4

  /// Where a tile's operands lie: `left` [rows, depth] with its rows `rowStride` apart, and the panel's groups.
  struct Operands {
    var left: UnsafePointer<Float>
    var rowStride: Int
    var groups: UnsafeRawPointer
    /// A multiple of four.
    var depth: Int

    /// Where the next 32 inputs lie, and how many fours of them there are; the operands then start behind.
    @inline(__always) mutating func nextGroup<Reader: PanelReader>(
      _ reader: Reader.Type
    ) -> (left: UnsafePointer<Float>, bytes: UnsafeRawPointer, quads: Int) {
      let group = (left, groups, min(PackedWeights.group, depth) / 4)
      left += PackedWeights.group
      groups += Reader.groupBytes
      depth &-= PackedWeights.group
      return group
    }
  }

  /// At most four rows × 16 outputs for one block of the depth.
  ///
  /// Four rows leave the widened numbers [depth, 16] in `room`, for the rows after them.
  @inline(__always) static func multiply<Reader: PanelReader>(
    _ reader: Reader.Type, rows: Int, _ operands: Operands, into target: ProductTile.Target,
    room: UnsafeMutablePointer<Float>
  ) {
    switch rows {
    case 1: tile(reader, OneRow(), operands, target)
    case 2: tile(reader, TwoRows(), operands, target)
    case 3: tile(reader, ThreeRows(), operands, target)
    default: tile(reader, KeepingRows<FourRows>(room: room), operands, target)
    }
  }

  @inline(never) private static func tile<Reader: PanelReader, Sums: RowSums>(
    _ reader: Reader.Type, _ sums: Sums, _ operands: Operands, _ target: ProductTile.Target
  ) {
    var (sums, place) = (sums, operands)
    while place.depth > 0 {
      let group = place.nextGroup(reader)
      let (first, second) = (
        Reader.scales(group.bytes, half: 0), Reader.scales(group.bytes, half: 1)
      )
      var (x, quad) = (group.left, group.bytes + Reader.scaleBytes)
      for _ in 0..<group.quads {
        addQuad(reader, x, operands.rowStride, quad, first, second, to: &sums)
        x += 4
        quad += Reader.quadBytes
      }
    }
    sums.put(into: target, 0)
  }

  /// One row times two panels, `next` bytes apart: twice the sums in flight.
  @inline(never) static func pair<Reader: PanelReader>(
    _ reader: Reader.Type, _ operands: Operands, next: Int, into target: ProductTile.Target,
    _ other: ProductTile.Target
  ) {
    var (sums, otherSums, place) = (OneRow(), OneRow(), operands)
    while place.depth > 0 {
      let group = place.nextGroup(reader)
      let (a, b) = (Reader.scales(group.bytes, half: 0), Reader.scales(group.bytes, half: 1))
      let (c, d) = (
        Reader.scales(group.bytes + next, half: 0), Reader.scales(group.bytes + next, half: 1)
      )
      var (x, quad) = (group.left, group.bytes + Reader.scaleBytes)
      for _ in 0..<group.quads {
        addQuad(reader, x, 0, quad, a, b, to: &sums)
        addQuad(reader, x, 0, quad + next, c, d, to: &otherSums)
        x += 4
        quad += Reader.quadBytes
      }
    }
    sums.put(into: target, 0)
    otherSums.put(into: other, 0)
  }

  @inline(__always) private static func addQuad<Reader: PanelReader, Sums: RowSums>(
    _ reader: Reader.Type, _ x: UnsafePointer<Float>, _ stride: Int, _ quad: UnsafeRawPointer,
    _ first: Reader.Scales, _ second: Reader.Scales, to sums: inout Sums
  ) {
    addInput(reader, x, stride, quad, 0, first, second, to: &sums)
    addInput(reader, x + 1, stride, quad, 1, first, second, to: &sums)
    addInput(reader, x + 2, stride, quad, 2, first, second, to: &sums)
    addInput(reader, x + 3, stride, quad, 3, first, second, to: &sums)
  }

  @inline(__always) private static func addInput<Reader: PanelReader, Sums: RowSums>(
    _ reader: Reader.Type, _ x: UnsafePointer<Float>, _ stride: Int, _ quad: UnsafeRawPointer,
    _ step: Int, _ first: Reader.Scales, _ second: Reader.Scales, to sums: inout Sums
  ) {
    sums.add(
      x, stride, Reader.lanes(quad, step, half: 0, first),
      Reader.lanes(quad, step, half: 1, second))
  }
}
