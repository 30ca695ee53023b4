import CVectors

/// The numbers on a product's right, which tiles read as float32 from packed panels.
enum RightSide {
  case float32(UnsafePointer<Float>)
  /// Bfloat16 numbers, widened as they are packed.
  case bfloat16(UnsafePointer<UInt16>)

  /// Whether the numbers are bfloat16 already.
  var isBrainFloat: Bool {
    if case .bfloat16 = self { true } else { false }
  }

  func advanced(by count: Int) -> RightSide {
    switch self {
    case .float32(let start): .float32(start + count)
    case .bfloat16(let start): .bfloat16(start + count)
    }
  }

  /// Copies sixteen columns from `place` on into a panel [depth, 16] of float32, zeros behind the last column.
  ///
  /// The element (k, j) is at `place + k · depthStride + j · columnStride`.
  func pack(
    at place: Int, depth: Int, columns: Int, depthStride: Int, columnStride: Int,
    into panel: UnsafeMutablePointer<Float>
  ) {
    switch self {
    case .float32(let start):
      packPanel(
        start + place, depth: depth, columns: columns, depthStride: depthStride,
        columnStride: columnStride, into: panel)
    case .bfloat16(let start):
      packPanel(
        start + place, depth: depth, columns: columns, depthStride: depthStride,
        columnStride: columnStride, into: panel)
    }
  }
}

/// As for float32 numbers; each is widened on the way.
private func packPanel(
  _ source: UnsafePointer<UInt16>, depth: Int, columns: Int, depthStride: Int, columnStride: Int,
  into panel: UnsafeMutablePointer<Float>
) {
  guard columns == 16 else {
    panel.clear(depth &* 16)
    return packNumbers(source, 0..<depth, columns, depthStride, columnStride, into: panel)
  }
  if columnStride == 1 {
    for k in 0..<depth {
      let (from, to) = (source + k &* depthStride, panel + k &* 16)
      to.store(zhinao_brain_floats(from), at: 0)
      to.store(zhinao_brain_floats(from + 8), at: 8)
    }
    return
  }
  precondition(depthStride == 1, "numbers \(depthStride) and \(columnStride) apart")
  let turned = depth / 8 &* 8
  for half in 0..<2 {
    let base = source + half &* 8 &* columnStride
    for k in stride(from: 0, to: turned, by: 8) {
      zhinao_turn_brain_floats(base + k, columnStride, panel + (16 &* k &+ 8 &* half))
    }
  }
  packNumbers(source, turned..<depth, 16, depthStride, columnStride, into: panel)
}

private func packNumbers(
  _ source: UnsafePointer<UInt16>, _ depth: Range<Int>, _ columns: Int, _ depthStride: Int,
  _ columnStride: Int, into panel: UnsafeMutablePointer<Float>
) {
  for k in depth {
    for j in 0..<columns {
      panel[k &* 16 &+ j] = HalfPrecision.float(
        brainFloat: source[k &* depthStride &+ j &* columnStride])
    }
  }
}
