/// Which of a row's changes are kept by chance and by their magnitudes' ranks, found without putting the row in order.
///
/// An element whose random word lies outside of what any rank's probability reaches is decided by the word alone: with DELLA's usual
/// spread seven of ten are. For the others magnitudes are counted by their leading bits. A bin says between which ranks an element's
/// is, and the word is hardly ever between the two; where it is, the rank is counted. Only where many magnitudes are alike is the row
/// sorted. The result is that of sorting every row, which took half of a merge's time.
struct RankedRows: Sendable {
  /// Below which word an element is kept, by its rank; does not fall.
  private let thresholds: [UInt64]
  /// The leading bits of a magnitude that its bin is made of: the exponent and a few more.
  private let shift: UInt32
  private let binCount: Int
  /// A row's magnitudes as bits; behind its end larger than any.
  private var keys: [SIMD8<UInt32>]
  /// How many of the row's magnitudes are in bins before this one.
  private var starts: [UInt32]
  /// The leading bits of the first bin; all that is smaller is in it too.
  private var lowestBin: UInt32 = 0
  /// A bit for each column: those that their words do not decide, and those that are kept.
  private var open: [UInt64]
  private var kept: [UInt64]
  /// Columns that their bins do not decide.
  private var unsettled: [Int] = []
  private var order: RowOrder

  private var columns: Int { thresholds.count }

  /// Rows shorter than this are not counted into bins: looking through them is less work.
  private static let binnedColumns = 64
  /// Ranks that are counted one by one before it is less work to sort the row.
  private static let countedRanks = 128

  init(thresholds: [UInt64]) {
    self.thresholds = thresholds
    let columns = thresholds.count
    // Sixteen octaves, in sixteen or sixty-four parts each.
    shift = columns < 2048 ? 19 : 17
    binCount = columns < Self.binnedColumns ? 1 : 1 << (27 - Int(shift))
    keys = [SIMD8<UInt32>](repeating: SIMD8(), count: (columns + 7) / 8)
    starts = [UInt32](repeating: 0, count: binCount + 1)
    open = [UInt64](repeating: 0, count: (columns + 63) / 64)
    kept = open
    order = RowOrder(columns: columns)
  }

  /// Keeps of one row of the only model's changes: of `bytes` a bit for each element, by a word each; both are those of the block.
  mutating func keep(
    _ block: MergeBlock, row: Int, words: [SIMD8<UInt64>], into bytes: inout [UInt8]
  ) {
    let lanes = block.lanes(row: row)
    if decideByWords(words, first: lanes.lowerBound) {
      let largest = measure(block, lanes)
      if binCount > 1 { count(largest: largest) }
      words.withNumbers { words in
        let first = lanes.lowerBound * 8
        let own = words.extracting(first..<first + columns)
        settle(own)
        if unsettled.count > Self.countedRanks { sort(own) } else { countRanks(own) }
      }
    }
    store(into: &bytes, first: lanes.lowerBound)
  }

  private func store(into bytes: inout [UInt8], first: Int) {
    for lanes in keys.indices {
      bytes[first + lanes] = UInt8(truncatingIfNeeded: kept[lanes / 8] >> UInt64(lanes % 8 * 8))
    }
  }
}

extension RankedRows {
  /// Keeps what even the lowest rank would; whether anything is left open.
  private mutating func decideByWords(_ words: [SIMD8<UInt64>], first: Int) -> Bool {
    let (lowest, highest) = (thresholds[0], thresholds[columns - 1])
    var anyOpen: UInt64 = 0
    for place in open.indices {
      let lanes = first + place * 8..<first + min(keys.count, place * 8 + 8)
      let low = RandomMask.bits(words.span, lanes, below: lowest)
      let high = RandomMask.bits(words.span, lanes, below: highest)
      let rest = columns - place * 64
      let present = rest < 64 ? 1 << UInt64(rest) - 1 : UInt64.max
      kept[place] = low & present
      open[place] = high & ~low & present
      anyOpen |= open[place]
    }
    return anyOpen != 0
  }

  /// Takes down the magnitudes of some lanes' changes; the largest.
  private mutating func measure(_ block: MergeBlock, _ lanes: Range<Int>) -> UInt32 {
    let (origins, changed) = (block.base, block.models[0])
    let (base, values) = (origins.span, changed.span)
    let (last, width) = (keys.count - 1, columns % 8)
    var largest = SIMD8<UInt32>()
    var keys = keys.mutableSpan
    for place in 0...last {
      let eight = (values[lanes.lowerBound + place] - base[lanes.lowerBound + place]).magnitudes
      keys[place] = eight
      // Neither has a highest bit: that of the difference says which is larger.
      let isLess = SIMD8<UInt32>() &- ((largest &- eight) &>> 31)
      largest = (eight & isLess) | (largest & ~isLess)
    }
    for lane in width..<8 where width != 0 { keys[last][lane] = .max >> 1 }
    return largest.max()
  }

  private mutating func count(largest: UInt32) {
    lowestBin = UInt32(max(0, Int(largest >> shift) - (binCount - 1)))
    let (keys, shift, lowestBin, columns) = (keys, shift, lowestBin, columns)
    for bin in starts.indices { starts[bin] = 0 }
    keys.withNumbers { keys in
      var starts = starts.mutableSpan
      for column in 0..<columns {
        starts[Int(max(keys[column] >> shift, lowestBin) - lowestBin) + 1] &+= 1
      }
      for bin in 1..<starts.count { starts[bin] &+= starts[bin - 1] }
    }
  }

  /// Decides by the ranks that a bin may have, and notes what that leaves open.
  private mutating func settle(_ words: Span<UInt64>) {
    unsettled.removeAll(keepingCapacity: true)
    let (keys, bins, limits) = (keys, starts, thresholds)
    let (shift, lowestBin, isBinned) = (shift, lowestBin, binCount > 1)
    keys.withNumbers { keys in
      let (starts, thresholds) = (bins.span, limits.span)
      for place in open.indices {
        var (rest, keeping) = (open[place], kept[place])
        while rest != 0 {
          let column = place &* 64 &+ rest.trailingZeroBitCount
          rest &= rest &- 1
          var (low, high) = (0, thresholds.count)
          if isBinned {
            let bin = Int(max(keys[column] >> shift, lowestBin) &- lowestBin)
            (low, high) = (Int(starts[bin]), Int(starts[bin &+ 1]))
          }
          // By chance in every other case: no place for a branch.
          let least = thresholds[low]
          let above = words[column] &- least
          keeping |= (above >> 63) << UInt64(column & 63)
          if above < thresholds[high &- 1] &- least { unsettled.append(column) }
        }
        kept[place] = keeping
      }
    }
    rankZeros(words)
  }

  /// Decides magnitudes of zero, as of weights that training left alone: they rank by their columns, and are counted on the way.
  private mutating func rankZeros(_ words: Span<UInt64>) {
    let (keys, columns) = (keys, unsettled)
    var (zeros, seen, rest) = (0, 0, 0)
    keys.withNumbers { keys in
      for column in columns {
        guard keys[column] == 0 else {
          unsettled[rest] = column
          rest += 1
          continue
        }
        while seen < column {
          zeros += keys[seen] == 0 ? 1 : 0
          seen += 1
        }
        keep(column, if: words[column] < thresholds[zeros])
      }
    }
    unsettled.removeSubrange(rest...)
  }

  private mutating func keep(_ column: Int, if isKept: Bool) {
    kept[column / 64] |= (isKept ? 1 : 0) << UInt64(column % 64)
  }

  /// Decides what is unsettled by the ranks themselves.
  private mutating func countRanks(_ words: Span<UInt64>) {
    for column in unsettled { keep(column, if: words[column] < thresholds[rank(of: column)]) }
  }

  /// How many magnitudes are smaller, or as large and further to the front.
  private func rank(of column: Int) -> Int {
    let own = column / 8
    let key = SIMD8(repeating: keys[own][column % 8])
    var smaller = SIMD8<UInt32>()
    // No key has a highest bit, so that of a difference says whether it is less.
    for lanes in 0..<own { smaller &+= (keys[lanes] &- (key &+ 1)) &>> 31 }
    for lanes in own + 1..<keys.count { smaller &+= (keys[lanes] &- key) &>> 31 }
    var rank = Int(smaller.wrappedSum())
    for lane in 0..<8 {
      let limit = lane < column % 8 ? key[0] + 1 : key[0]
      rank += keys[own][lane] < limit ? 1 : 0
    }
    return rank
  }

  /// Decides everything by the row's order.
  private mutating func sort(_ words: Span<UInt64>) {
    let (keys, thresholds) = (keys, thresholds)
    order.sort { keys[$0] }
    for place in kept.indices { kept[place] = 0 }
    order.withColumns { columns in
      for rank in columns.indices {
        let column = Int(columns[rank] & 0xFFFF_FFFF)
        kept[column / 64] |= (words[column] < thresholds[rank] ? 1 : 0) << UInt64(column % 64)
      }
    }
  }
}
