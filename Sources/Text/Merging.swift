extension BytePairModel {
  /// Fills `work.ids` and `work.starts` with the units of a word.
  func split(_ bytes: [UInt8], _ lower: Int, _ upper: Int, _ work: inout Merging) {
    work.ids.removeAll(keepingCapacity: true)
    work.starts.removeAll(keepingCapacity: true)
    switch units {
    case .bytes(let ids):
      for index in lower..<upper {
        let id = ids[Int(bytes[index])]
        if id >= 0 { work.append(id, at: index) }
      }
    case .scalars(let fallback, let unknown, let fuses):
      var index = lower
      var lastWasUnknown = false
      while index < upper {
        let end = min(index + UTF8Text.length(of: bytes[index]), upper)
        var isUnknown = false
        if let id = tokens.find(bytes, index, end) {
          work.append(id, at: index)
        } else if let fallback {
          for offset in index..<end { work.append(fallback[Int(bytes[offset])], at: offset) }
        } else if let unknown {
          if !(lastWasUnknown && fuses) { work.append(unknown, at: index) }
          isUnknown = true
        }
        lastWasUnknown = isUnknown
        index = end
      }
    }
  }
}

/// The working memory of byte-pair merging, reused from word to word.
struct Merging {
  var ids: [TokenID] = []
  /// Where each token begins in the text, in bytes.
  var starts: [Int32] = []
  /// The rule that merges a token with the one after it.
  var rules: [UInt64] = []
  var next: [Int32] = []
  var previous: [Int32] = []
  var heap = Heap()

  @inline(__always)
  mutating func append(_ id: TokenID, at start: Int) {
    ids.append(id)
    starts.append(Int32(truncatingIfNeeded: start))
  }

  mutating func link(count: Int) {
    next = (0..<count).map { Int32($0 + 1) }
    previous = (0..<count).map { Int32($0 - 1) }
    rules = [UInt64](repeating: PairTable.none, count: count)
    heap.removeAll()
  }

  /// Takes the token after `index` out of the list.
  mutating func unlink(after index: Int, count: Int) {
    let gone = Int(next[index])
    rules[gone] = PairTable.none
    next[index] = next[gone]
    if Int(next[gone]) < count { previous[Int(next[gone])] = Int32(index) }
  }
}

/// A binary heap, smallest first.
struct Heap {
  private var entries: [UInt64] = []

  mutating func removeAll() { entries.removeAll(keepingCapacity: true) }

  mutating func push(_ entry: UInt64) {
    entries.append(entry)
    var child = entries.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      if entries[parent] <= entry { break }
      entries[child] = entries[parent]
      child = parent
    }
    entries[child] = entry
  }

  mutating func pop() -> UInt64? {
    guard let smallest = entries.first, let last = entries.popLast() else { return nil }
    if entries.isEmpty { return smallest }
    var parent = 0
    while true {
      var child = 2 * parent + 1
      if child >= entries.count { break }
      if child + 1 < entries.count && entries[child + 1] < entries[child] { child += 1 }
      if entries[child] >= last { break }
      entries[parent] = entries[child]
      parent = child
    }
    entries[parent] = last
    return smallest
  }
}
