extension PackedWeights {
  /// The float32 numbers [count, 16] of a panel from input `start` on, a multiple of a group: in place, or
  /// unpacked into `room`, which stays in the first-level cache.
  func block(
    _ panel: UnsafeMutableRawPointer, from start: Int, count: Int,
    room: UnsafeMutablePointer<Float>
  ) -> UnsafePointer<Float> {
    precondition(!isInBlocks, "numbers of block floating point are not unpacked")
    switch format {
    case .float32:
      return UnsafePointer(panel.assumingMemoryBound(to: Float.self)) + start &* 16
    case .bfloat16: unpack(BrainFloatReader.self, panel, start, count, into: room)
    case .int8: unpack(ByteReader.self, panel, start, count, into: room)
    case .int4: unpack(NibbleReader.self, panel, start, count, into: room)
    }
    return UnsafePointer(room)
  }
}

/// Whole quads: behind a panel's last input there are others, of no meaning.
private func unpack<Reader: PanelReader>(
  _ reader: Reader.Type, _ panel: UnsafeMutableRawPointer, _ start: Int, _ count: Int,
  into room: UnsafeMutablePointer<Float>
) {
  var group = UnsafeRawPointer(panel) + start / PackedWeights.group &* Reader.groupBytes
  var (k, to) = (0, room)
  while k < count {
    let (first, second) = (Reader.scales(group, half: 0), Reader.scales(group, half: 1))
    var quad = group + Reader.scaleBytes
    let end = min(k &+ PackedWeights.group, count)
    while k < end {
      to.store(Reader.lanes(quad, 0, half: 0, first), at: 0)
      to.store(Reader.lanes(quad, 0, half: 1, second), at: 8)
      to.store(Reader.lanes(quad, 1, half: 0, first), at: 16)
      to.store(Reader.lanes(quad, 1, half: 1, second), at: 24)
      to.store(Reader.lanes(quad, 2, half: 0, first), at: 32)
      to.store(Reader.lanes(quad, 2, half: 1, second), at: 40)
      to.store(Reader.lanes(quad, 3, half: 0, first), at: 48)
      to.store(Reader.lanes(quad, 3, half: 1, second), at: 56)
      quad += Reader.quadBytes
      to += 64
      k &+= 4
    }
    group += Reader.groupBytes
  }
}
