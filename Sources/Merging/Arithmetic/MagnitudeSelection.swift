/// The k-th largest of a tensor's numbers, found by counting instead of sorting.
///
/// The bits of a float's magnitude sort as the float does. A histogram of their upper 16 bits says in which bin the k-th largest is,
/// one of the lower 16 bits within that bin which value it has, and a count of that value where the last that passes stands: three
/// walks over the tensor, in blocks and on any number of threads, where a sort takes twenty and all of it in memory.
struct MagnitudeSelection {
  /// The magnitudes of a block's lanes, as bits.
  typealias Keys = (MergeBlock, inout [SIMD8<UInt32>]) -> Void

  private let tensors: MergeTensors
  private let cut: BlockCut
  private let keys: Keys
  private let upper: [Int]

  init(_ tensors: MergeTensors, cut: BlockCut, keys: @escaping Keys) throws {
    self.tensors = tensors
    self.cut = cut
    self.keys = keys
    upper = try Self.histogram(tensors, cut, keys)
  }

  /// Of the changes of the only model from the base.
  init(changes tensors: MergeTensors) throws {
    try self.init(tensors, cut: .anywhere) { block, keys in
      let (base, model) = (block.base, block.models[0])
      for lanes in keys.indices { keys[lanes] = (model[lanes] - base[lanes]).magnitudes }
    }
  }

  /// How many numbers are not zero.
  func nonzeroCount() throws -> Int {
    let zeros = try lower(ofBin: 0)[0]
    return tensors.count - zeros
  }

  /// The value of the `rank`-th largest, counted from 1; its bits.
  func value(rank: Int) throws -> UInt32 { try found(rank).bits }

  /// The threshold that exactly `rank` numbers pass.
  func threshold(rank: Int, ofEqual equals: MagnitudeThreshold.Equals = .first) throws
    -> MagnitudeThreshold
  {
    guard rank > 0 else { return .none }
    guard rank < tensors.count else { return .all }
    let (bits, wanted, present) = try found(rank)
    let passed = equals == .first ? wanted : present - wanted
    return MagnitudeThreshold(bits: bits, end: try end(of: bits, count: passed), equals: equals)
  }

  /// The bits of the `rank`-th largest, how many of that very value are among the `rank` largest, and how many there are.
  private func found(_ rank: Int) throws -> (bits: UInt32, wanted: Int, present: Int) {
    var wanted = rank
    let high = Self.bin(upper, &wanted)
    let counts = try lower(ofBin: high)
    let low = Self.bin(counts, &wanted)
    return (UInt32(high) << 16 | UInt32(low), wanted, counts[low])
  }

  /// The bin that holds the `wanted`-th largest; `wanted` becomes how many of that bin it takes.
  private static func bin(_ counts: [Int], _ wanted: inout Int) -> Int {
    for bin in counts.indices.reversed() {
      if wanted <= counts[bin] { return bin }
      wanted -= counts[bin]
    }
    return 0
  }
}

extension MagnitudeSelection {
  private struct Counting: Sendable {
    var counts = [Int](repeating: 0, count: 1 << 16)
    var keys: [SIMD8<UInt32>] = []

    mutating func resize(_ block: MergeBlock) {
      guard keys.count != block.lanes.count else { return }
      keys = [SIMD8<UInt32>](repeating: SIMD8(), count: block.lanes.count)
    }

    /// Counts the upper halves of keys.
    mutating func count(_ block: MergeBlock) {
      keys.withNumbers { numbers in
        counts.withUnsafeMutableBufferPointer { counts in
          for row in 0..<block.rows.count {
            let start = row * block.lanesPerRow * 8
            for place in start..<start + block.columns { counts[Int(numbers[place] >> 16)] += 1 }
          }
        }
      }
    }
  }

  private static func histogram(
    _ tensors: MergeTensors, _ cut: BlockCut, _ keys: Keys
  ) throws -> [Int] {
    let states = try tensors.gather(cut, startingWith: Counting()) { state, block in
      state.resize(block)
      keys(block, &state.keys)
      state.count(block)
    }
    return sum(states.map(\.counts))
  }

  /// How often each value of the lower 16 bits stands in a bin of the upper ones.
  private func lower(ofBin high: Int) throws -> [Int] {
    let wanted = SIMD8(repeating: UInt32(high))
    let states = try tensors.gather(cut, startingWith: Counting()) { state, block in
      state.resize(block)
      keys(block, &state.keys)
      for lanes in block.lanes {
        let eight = state.keys[lanes]
        guard any(eight &>> 16 .== wanted) else { continue }
        for lane in 0..<block.elementCount(at: lanes) where eight[lane] >> 16 == wanted[0] {
          state.counts[Int(eight[lane] & 0xFFFF)] += 1
        }
      }
    }
    return Self.sum(states.map(\.counts))
  }

  private static func sum(_ counts: [[Int]]) -> [Int] {
    var sum = [Int](repeating: 0, count: 1 << 16)
    for part in counts { for bin in sum.indices { sum[bin] += part[bin] } }
    return sum
  }

  /// The position behind the `count`-th number that equals `bits`, counted in elements of whole lanes.
  private func end(of bits: UInt32, count: Int) throws -> Int {
    let own = SIMD8(repeating: bits)
    let blocks = try tensors.map(cut) { block in
      var found = [SIMD8<UInt32>](repeating: SIMD8(), count: block.lanes.count)
      keys(block, &found)
      var positions: [Int] = []
      for lanes in block.lanes where any(found[lanes] .== own) {
        for lane in 0..<block.elementCount(at: lanes) where found[lanes][lane] == bits {
          positions.append((block.position + lanes) * 8 + lane)
        }
      }
      return positions
    }
    var left = count
    guard left > 0 else { return 0 }
    for positions in blocks {
      if left <= positions.count { return positions[left - 1] + 1 }
      left -= positions.count
    }
    return .max
  }
}
