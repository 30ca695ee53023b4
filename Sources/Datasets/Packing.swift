public import Text

/// Filling rows of a fixed length with several sequences.
///
/// Batches here are concatenated sequences with offsets, and attention stays within each sequence,
/// so packing changes no result; it only evens out how much work a row is.
public enum Packing {
  /// Best-fit decreasing: the longest sequence first, each into the fullest row with room for it.
  ///
  /// Returns, for each row, the indices of its sequences. Needs at most 11/9 of the fewest rows
  /// possible, and one more (Johnson 1973).
  public static func bestFitDecreasing(lengths: [Int], capacity: Int) -> [[Int]] {
    for length in lengths {
      precondition((1...capacity).contains(length), "\(length) tokens do not fit \(capacity)")
    }
    let order = lengths.indices.sorted {
      lengths[$0] == lengths[$1] ? $0 < $1 : lengths[$0] > lengths[$1]
    }
    var rows: [[Int]] = []
    var rowsByRoom = [[Int]](repeating: [], count: capacity + 1)
    for index in order {
      let room = (lengths[index]...capacity).first { !rowsByRoom[$0].isEmpty }
      let row: Int
      if let room {
        row = rowsByRoom[room].removeLast()
        rows[row].append(index)
        rowsByRoom[room - lengths[index]].append(row)
      } else {
        row = rows.count
        rows.append([index])
        rowsByRoom[capacity - lengths[index]].append(row)
      }
    }
    return rows
  }

  /// Texts as one stream, cut into blocks; the last may be shorter.
  ///
  /// For pretraining only: a block may start in the middle of a text.
  public static func wrapped(_ texts: [[TokenID]], blockLength: Int) -> [TokenSequence] {
    precondition(blockLength > 1, "a block of \(blockLength) tokens foretells none")
    let stream = texts.flatMap(\.self)
    return stride(from: 0, to: stream.count, by: blockLength).compactMap { start in
      let block = Array(stream[start..<min(start + blockLength, stream.count)])
      guard block.count > 1 else { return nil }
      return TokenSequence(ids: block, isTarget: [Bool](repeating: true, count: block.count))
    }
  }
}
