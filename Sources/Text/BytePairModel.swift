/// Byte-pair encoding of one word: units first, then the earliest rule that applies, leftmost first.
struct BytePairModel: Sendable {
  /// What a word is made of before merging.
  enum Units: Sendable {
    /// Bytes: an id by byte, -1 where the vocabulary lacks it (it is left out, as `tokenizers` does).
    case bytes([TokenID])
    /// Unicode scalars; one the vocabulary lacks becomes bytes, else the unknown token, else nothing.
    case scalars(fallback: [TokenID]?, unknown: TokenID?, fusesUnknown: Bool)
  }

  var tokens: ByteTable
  /// Merge rules by pairs of ids, as `tokenizer.json` lists them.
  var pairs: PairTable
  /// Instead of `pairs`: any two neighbours whose joined bytes are a token merge, and its id is the
  /// rank, as in tiktoken.
  var mergesByJoinedBytes: Bool
  var units: Units
  /// Whether a word that is a token is that token, whatever the rules say.
  var takesWholeWords: Bool

  /// Up to here looking at every pair again is faster than keeping a heap.
  private static let shortWord = 40

  /// Appends the ids of `bytes[lower..<upper]`.
  func encode(
    _ bytes: [UInt8], _ lower: Int, _ upper: Int, _ work: inout Merging, into ids: inout [TokenID]
  ) {
    if takesWholeWords, let id = tokens.find(bytes, lower, upper) {
      ids.append(id)
      return
    }
    split(bytes, lower, upper, &work)
    if work.ids.count < 2 {
      ids.append(contentsOf: work.ids)
    } else if work.ids.count <= Self.shortWord {
      mergeShort(bytes, upper, &work)
      ids.append(contentsOf: work.ids)
    } else {
      mergeLong(bytes, upper, &work, into: &ids)
    }
  }

  @inline(__always)
  private func rule(
    _ left: TokenID, _ right: TokenID, _ bytes: [UInt8], _ lower: Int, _ upper: Int
  ) -> UInt64 {
    if !mergesByJoinedBytes { return pairs.find(left, right) }
    guard let id = tokens.find(bytes, lower, upper) else { return PairTable.none }
    return UInt64(UInt32(bitPattern: id)) << 32 | UInt64(UInt32(bitPattern: id))
  }

  private func mergeShort(_ bytes: [UInt8], _ upper: Int, _ work: inout Merging) {
    var count = work.ids.count
    work.rules.removeAll(keepingCapacity: true)
    for index in 0..<count - 1 {
      let end = index + 2 < count ? Int(work.starts[index + 2]) : upper
      work.rules.append(
        rule(work.ids[index], work.ids[index + 1], bytes, Int(work.starts[index]), end))
    }
    while count > 1 {
      var best = PairTable.none
      var at = 0
      for index in 0..<count - 1 where work.rules[index] < best {
        best = work.rules[index]
        at = index
      }
      if best == PairTable.none { break }
      work.ids[at] = TokenID(truncatingIfNeeded: best)
      work.ids.remove(at: at + 1)
      work.starts.remove(at: at + 1)
      work.rules.remove(at: at)
      count -= 1
      if at > 0 {
        let end = at + 1 < count ? Int(work.starts[at + 1]) : upper
        work.rules[at - 1] = rule(
          work.ids[at - 1], work.ids[at], bytes, Int(work.starts[at - 1]), end)
      }
      if at + 1 < count {
        let end = at + 2 < count ? Int(work.starts[at + 2]) : upper
        work.rules[at] = rule(work.ids[at], work.ids[at + 1], bytes, Int(work.starts[at]), end)
      }
    }
  }

  /// O(n log n): a heap of rules by (rank, position) over a linked list of tokens.
  private func mergeLong(
    _ bytes: [UInt8], _ upper: Int, _ work: inout Merging, into ids: inout [TokenID]
  ) {
    let count = work.ids.count
    work.link(count: count)
    for index in 0..<count { refresh(index, bytes, upper, &work) }
    while let entry = work.heap.pop() {
      let index = Int(entry & 0xffff_ffff)
      // An entry whose rule has changed since, or whose token was merged away, is stale.
      let found = work.rules[index]
      if found == PairTable.none || found >> 32 != entry >> 32 { continue }
      work.ids[index] = TokenID(truncatingIfNeeded: found)
      work.unlink(after: index, count: count)
      refresh(index, bytes, upper, &work)
      let before = Int(work.previous[index])
      if before >= 0 { refresh(before, bytes, upper, &work) }
    }
    var index = 0
    while index < count {
      ids.append(work.ids[index])
      index = Int(work.next[index])
    }
  }

  /// Looks up the rule of a token and the one after it again.
  private func refresh(_ index: Int, _ bytes: [UInt8], _ upper: Int, _ work: inout Merging) {
    let count = work.ids.count
    let right = Int(work.next[index])
    guard right < count else {
      work.rules[index] = PairTable.none
      return
    }
    let following = Int(work.next[right])
    let end = following < count ? Int(work.starts[following]) : upper
    let found = rule(work.ids[index], work.ids[right], bytes, Int(work.starts[index]), end)
    work.rules[index] = found
    if found != PairTable.none { work.heap.push((found >> 32) << 32 | UInt64(index)) }
  }
}
