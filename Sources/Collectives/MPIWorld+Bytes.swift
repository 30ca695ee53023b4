internal import COpenMPI

/// Bytes between ranks. MPI counts in 32 bits, so whatever is longer goes in several messages.
extension MPIWorld {
  public func broadcast(_ bytes: inout [UInt8], from root: Int) throws(CollectiveError) {
    try enter("broadcast")
    precondition((0..<size).contains(root), "there is no rank \(root) among \(size)")
    var count = Int64(bytes.count)
    try Self.check(
      "MPI_Bcast", MPI_Bcast(&count, 1, zhinao_mpi_int64(), Int32(root), world))
    if rank != root { bytes = [UInt8](repeating: 0, count: Int(count)) }
    var offset = 0
    while offset < bytes.count {
      let length = min(bytes.count - offset, messageLimit)
      let code = bytes.withUnsafeMutableBytes { bytes in
        MPI_Bcast(
          bytes.baseAddress?.advanced(by: offset), Int32(length), zhinao_mpi_byte(), Int32(root),
          world)
      }
      try Self.check("MPI_Bcast", code)
      offset += length
    }
  }

  public func allGather(_ bytes: [UInt8]) throws(CollectiveError) -> [[UInt8]] {
    try enter("allGather")
    var own = Int64(bytes.count)
    var counts = [Int64](repeating: 0, count: size)
    try Self.check(
      "MPI_Allgather",
      MPI_Allgather(&own, 1, zhinao_mpi_int64(), &counts, 1, zhinao_mpi_int64(), world))
    var gathered = counts.map { [UInt8](repeating: 0, count: Int($0)) }
    gathered[rank] = bytes
    for distance in 1..<max(size, 1) {
      let source = (rank + size - distance) % size
      var place = gathered[source].mutableSpan
      try bytes.span.withUnsafeBytes { sent throws(CollectiveError) in
        try place.withUnsafeMutableBytes { received throws(CollectiveError) in
          try transfer(sent, to: (rank + distance) % size, received, from: source)
        }
      }
    }
    return gathered
  }

  /// Sends to one rank while receiving from another.
  ///
  /// Both ends know a message's length, so both know into how many it divides; who is done before
  /// the other direction is exchanges the rest with nobody.
  func transfer(
    _ sent: UnsafeRawBufferPointer, to target: Int, _ received: UnsafeMutableRawBufferPointer,
    from source: Int
  ) throws(CollectiveError) {
    var offset = 0
    while offset < max(sent.count, received.count) {
      let sending = max(0, min(sent.count - offset, messageLimit))
      let receiving = max(0, min(received.count - offset, messageLimit))
      let code = MPI_Sendrecv(
        sending > 0 ? sent.baseAddress?.advanced(by: offset) : nil, Int32(sending),
        zhinao_mpi_byte(), sending > 0 ? Int32(target) : zhinao_mpi_nobody(), 0,
        receiving > 0 ? received.baseAddress?.advanced(by: offset) : nil, Int32(receiving),
        zhinao_mpi_byte(), receiving > 0 ? Int32(source) : zhinao_mpi_nobody(), 0, world, nil)
      try Self.check("MPI_Sendrecv", code)
      offset += messageLimit
    }
  }
}
