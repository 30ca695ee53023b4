extension Compute {
  /// Weights in a format, from float32 rows [outputs, inputs].
  public func pack(
    _ weights: Matrix, as format: PackedWeights.Format, in memory: WeightMemory = WeightMemory()
  ) -> PackedWeights {
    pack(.float32(weights), as: format, in: memory)
  }

  /// Weights in a format, from rows [outputs, inputs].
  public func pack(
    _ weights: WeightMatrix, as format: PackedWeights.Format,
    in memory: WeightMemory = WeightMemory()
  ) -> PackedWeights {
    let packed = packedRoom(
      outputs: weights.rows, inputs: weights.columns, format: format, in: memory)
    pack(weights, into: packed, at: 0)
    return packed
  }

  /// Room for weights, which `pack` puts there.
  ///
  /// Where products in bfloat16 are those of block floating point, weights in bfloat16 are kept as those read them.
  public func packedRoom(
    outputs: Int, inputs: Int, format: PackedWeights.Format, in memory: WeightMemory
  ) -> PackedWeights {
    PackedWeights(
      outputs: outputs, inputs: inputs, format: format,
      isInBlocks: multipliesBlocks && format == .bfloat16, in: memory)
  }

  /// Puts some rows at an output that a panel starts with; behind the last row there are zeros.
  public func pack(_ weights: WeightMatrix, into packed: PackedWeights, at output: Int) {
    precondition(
      weights.columns == packed.inputs && output % 16 == 0
        && output + weights.rows <= packed.outputs,
      "\(weights.shape) does not fit [\(packed.outputs), \(packed.inputs)] at \(output)")
    let source = weights.right
    let depth = packed.inputs
    spread((weights.rows + 15) / 16, work: weights.rows * depth) { index in
      let columns = min(16, weights.rows - 16 * index)
      let target = packed.panel(output / 16 + index)
      if packed.isInBlocks {
        return BlockPanel.pack(
          source, at: 16 * index * depth, depth: depth, columns: columns, depthStride: 1,
          columnStride: depth, into: target.assumingMemoryBound(to: Float.self))
      }
      func pack(into panel: UnsafeMutablePointer<Float>) {
        source.pack(
          at: 16 * index * depth, depth: depth, columns: columns, depthStride: 1,
          columnStride: depth, into: panel)
      }
      if packed.format == .float32 {
        return pack(into: target.assumingMemoryBound(to: Float.self))
      }
      engine.scratch.borrow(16 * depth) { panel in
        pack(into: panel)
        encode(UnsafePointer(panel), depth, as: packed.format, into: target)
      }
    }
  }
}

/// A panel [depth, 16] of float32 into its format.
private func encode(
  _ panel: UnsafePointer<Float>, _ depth: Int, as format: PackedWeights.Format,
  into target: UnsafeMutableRawPointer
) {
  switch format {
  case .float32:
    target.copyMemory(from: panel, byteCount: 64 * depth)
  case .bfloat16:
    let words = target.assumingMemoryBound(to: UInt32.self)
    for k in 0..<depth {
      for lane in 0..<8 {
        let low = HalfPrecision.brainFloat(panel[16 * k + lane])
        let high = HalfPrecision.brainFloat(panel[16 * k + lane + 8])
        words[8 * k + lane] = UInt32(low) | UInt32(high) << 16
      }
    }
  case .int8, .int4:
    var target = target
    for start in stride(from: 0, to: depth, by: PackedWeights.group) {
      let count = min(PackedWeights.group, depth - start)
      for column in 0..<16 {
        let numbers = panel + (16 * start + column)
        if format == .int8 {
          encodeBytes(numbers, count, column, into: target)
        } else {
          encodeNibbles(numbers, count, column, into: target)
        }
      }
      target += format.byteCount(inputs: PackedWeights.group)
    }
  }
}

/// Sixteen scales, then whole numbers from −127 to 127 (`PackedWeights.Format.int8`).
private func encodeBytes(
  _ numbers: UnsafePointer<Float>, _ count: Int, _ column: Int,
  into group: UnsafeMutableRawPointer
) {
  var largest: Float = 0
  for k in 0..<count { largest = max(largest, abs(numbers[16 * k])) }
  let scale = Float16(largest / 127)
  let inverse = scale == 0 ? 0 : 1 / Float(scale)
  PackedWeights.put(scale: scale, column, into: group) { k in
    k < count ? Int8(max(-127, min(127, (numbers[16 * k] * inverse).rounded()))) : 0
  }
}

/// Sixteen scales, sixteen minima, then whole numbers from 0 to 15 (`PackedWeights.Format.int4`).
private func encodeNibbles(
  _ numbers: UnsafePointer<Float>, _ count: Int, _ column: Int,
  into group: UnsafeMutableRawPointer
) {
  var (smallest, largest) = (numbers[0], numbers[0])
  for k in 0..<count {
    smallest = min(smallest, numbers[16 * k])
    largest = max(largest, numbers[16 * k])
  }
  let (scale, minimum) = (Float16((largest - smallest) / 15), Float16(smallest))
  let inverse = scale == 0 ? 0 : 1 / Float(scale)
  PackedWeights.put(scale: scale, minimum: minimum, column, into: group) { k in
    k < count
      ? UInt8(max(0, min(15, ((numbers[16 * k] - Float(minimum)) * inverse).rounded()))) : 0
  }
}

extension PackedWeights {
  /// Puts one output's whole numbers as they are: `scale · q + minimum` in groups of 32 inputs.
  ///
  /// Only into `int8` (numbers in two's complement, minima zero) and `int4` (numbers from 0 to 15), once.
  public func put(
    _ output: Int, scales: [Float16], minima: [Float16], numbers: [UInt8]
  ) {
    precondition(
      output < outputs && numbers.count == inputs && inputs % PackedWeights.group == 0
        && scales.count * PackedWeights.group == inputs && minima.count == scales.count,
      "\(numbers.count) numbers in \(scales.count) groups for \(inputs) inputs")
    precondition(format == .int8 || format == .int4, "whole numbers for \(format)")
    var group = panel(output / 16)
    for (place, scale) in scales.enumerated() {
      let start = place * PackedWeights.group
      if format == .int8 {
        PackedWeights.put(scale: scale, output % 16, into: group) {
          Int8(bitPattern: numbers[start + $0])
        }
      } else {
        PackedWeights.put(scale: scale, minimum: minima[place], output % 16, into: group) {
          numbers[start + $0]
        }
      }
      group += format.byteCount(inputs: PackedWeights.group)
    }
  }

  /// One output's 32 inputs of a group of `int8`.
  fileprivate static func put(
    scale: Float16, _ column: Int, into group: UnsafeMutableRawPointer, _ byte: (Int) -> Int8
  ) {
    group.assumingMemoryBound(to: Float16.self)[column] = scale
    let target = (group + 32).assumingMemoryBound(to: Int8.self)
    for k in 0..<PackedWeights.group {
      target[k / 2 * 32 + column % 8 * 4 + k % 2 * 2 + column / 8] = byte(k)
    }
  }

  /// One output's 32 inputs of a group of `int4`, in which nothing is set yet.
  fileprivate static func put(
    scale: Float16, minimum: Float16, _ column: Int, into group: UnsafeMutableRawPointer,
    _ nibble: (Int) -> UInt8
  ) {
    let halves = group.assumingMemoryBound(to: Float16.self)
    (halves[column], halves[16 + column]) = (scale, minimum)
    let words = (group + 64).assumingMemoryBound(to: UInt32.self)
    for k in 0..<PackedWeights.group {
      words[k / 4 * 8 + column % 8] |= UInt32(nibble(k)) << UInt32(k % 4 * 8 + column / 8 * 4)
    }
  }
}
