internal import COpenMPI

/// The reduction of gradients.
///
/// Each rank sends every other the part that the other holds, and adds what it received itself, in
/// the order of the tree. That moves as many bytes as recursive halving does, (size − 1) / size of
/// the vector, at any number of ranks, and needs `size` pieces of memory rather than half a vector.
/// `MPI_Reduce_scatter` promises no order.
extension MPIWorld {
  /// Elements of a part in one exchange: 4 MiB from each rank.
  private static let piece = 1 << 20

  public func reduceTree(_ vector: inout MutableSpan<Float>) throws(CollectiveError) {
    try enter("reduceTree")
    let parts = partition(count: vector.count)
    guard size > 1, let longest = parts.map(\.count).max(), longest > 0 else { return }
    let stride = min(longest, Self.piece)
    let received = UnsafeMutableBufferPointer<Float>.allocate(capacity: stride * size)
    defer { received.deallocate() }
    try withElements(of: &vector) { elements throws(CollectiveError) in
      for offset in Swift.stride(from: 0, to: longest, by: stride) {
        let pieces = parts.map { piece(of: $0, offset: offset, length: stride) }
        try exchange(pieces, of: elements, into: received, stride: stride)
        let own = pieces[rank]
        sum(ranks: 0..<size, count: own.count, stride: stride, in: received)
        _ = elements[own].update(from: received[0..<own.count])
      }
    }
  }

  public func allGatherParts(_ vector: inout MutableSpan<Float>) throws(CollectiveError) {
    try enter("allGatherParts")
    let parts = partition(count: vector.count)
    try withElements(of: &vector) { elements throws(CollectiveError) in
      let bytes = UnsafeMutableRawBufferPointer(elements)
      for distance in 1..<max(size, 1) {
        let source = (rank + size - distance) % size
        try transfer(
          UnsafeRawBufferPointer(rebasing: bytes[Self.bytes(of: parts[rank])]),
          to: (rank + distance) % size,
          UnsafeMutableRawBufferPointer(rebasing: bytes[Self.bytes(of: parts[source])]),
          from: source)
      }
    }
  }

  /// Fills `received[r * stride...]` with rank r's values of this rank's piece.
  private func exchange(
    _ pieces: [Range<Int>], of elements: UnsafeMutableBufferPointer<Float>,
    into received: UnsafeMutableBufferPointer<Float>, stride: Int
  ) throws(CollectiveError) {
    let own = pieces[rank]
    let start = rank * stride
    _ = received[start..<start + own.count].update(from: elements[own])
    for distance in 1..<size {
      let target = (rank + distance) % size
      let source = (rank + size - distance) % size
      let place = source * stride..<source * stride + own.count
      try transfer(
        UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: elements[pieces[target]])),
        to: target,
        UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: received[place])),
        from: source)
    }
  }

  /// Leaves the sum of these ranks' values, as a tree, where the first of them was.
  private func sum(
    ranks: Range<Int>, count: Int, stride: Int, in received: UnsafeMutableBufferPointer<Float>
  ) {
    guard ranks.count > 1 else { return }
    let left = SummationTree.half(of: ranks, isLeft: true)
    let right = SummationTree.half(of: ranks, isLeft: false)
    sum(ranks: left, count: count, stride: stride, in: received)
    sum(ranks: right, count: count, stride: stride, in: received)
    let target = left.lowerBound * stride
    let source = right.lowerBound * stride
    addElements(
      of: UnsafeBufferPointer(rebasing: received[source..<source + count]),
      to: UnsafeMutableBufferPointer(rebasing: received[target..<target + count]))
  }

  private func piece(of part: Range<Int>, offset: Int, length: Int) -> Range<Int> {
    let start = min(part.lowerBound + offset, part.upperBound)
    return start..<min(start + length, part.upperBound)
  }

  private static func bytes(of elements: Range<Int>) -> Range<Int> {
    elements.lowerBound * MemoryLayout<Float>.stride..<elements.upperBound
      * MemoryLayout<Float>.stride
  }

  private func withElements(
    of vector: inout MutableSpan<Float>,
    _ body: (UnsafeMutableBufferPointer<Float>) throws(CollectiveError) -> Void
  ) throws(CollectiveError) {
    try vector.withUnsafeMutableBufferPointer { elements throws(CollectiveError) in
      try body(elements)
    }
  }
}
