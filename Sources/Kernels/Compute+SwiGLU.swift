import Profiling

extension Compute {
  /// y = gate · σ(gate) · up, element by element (arXiv:2002.05202).
  ///
  /// `y` may be one of the inputs.
  public func swiGLU(gate: Matrix, up: Matrix, into y: Matrix) {
    gate.requireShape(y.rows, y.columns, "the gate")
    up.requireShape(y.rows, y.columns, "the up branch")
    let (gates, ups, target) = (gate.pointer, up.pointer, y.writable)
    Profiler.measure(.swiGLU, Work(bytes: 12 * Double(y.count))) {
      spreadVector(y.count) { range in
        @inline(__always) func pass(_ index: Int, _ count: Int) {
          let g = gates.some(at: index, count: count)
          let u = ups.some(at: index, count: count)
          target.some(g * sigmoid(g) * u, at: index, count: count)
        }
        overLanes(range, pass)
      }
    }
  }

  /// The way back: dup = dy · g · σ, dgate = dy · u · σ · (1 + g · (1 − σ)).
  ///
  /// The gradients may lie where `gate`, `up` or `dy` lie.
  public func swiGLUBackward(
    _ dy: Matrix, gate: Matrix, up: Matrix, gateGradient: Matrix, upGradient: Matrix
  ) {
    for (matrix, role) in [(gate, "the gate"), (up, "the up branch")] as [(Matrix, StaticString)] {
      matrix.requireShape(dy.rows, dy.columns, role)
    }
    gateGradient.requireShape(dy.rows, dy.columns, "the gate's gradient")
    upGradient.requireShape(dy.rows, dy.columns, "the up branch's gradient")
    let (slopes, gates, ups) = (dy.pointer, gate.pointer, up.pointer)
    let (gateTarget, upTarget) = (gateGradient.writable, upGradient.writable)
    Profiler.measure(.swiGLUBackward, Work(bytes: 20 * Double(dy.count))) {
      spreadVector(dy.count) { range in
        @inline(__always) func passBack(_ index: Int, _ count: Int) {
          let slope = slopes.some(at: index, count: count)
          let g = gates.some(at: index, count: count)
          let u = ups.some(at: index, count: count)
          let s = sigmoid(g)
          let one = Lanes(repeating: 1)
          gateTarget.some(slope * u * s * (one + g * (one - s)), at: index, count: count)
          upTarget.some(slope * g * s, at: index, count: count)
        }
        overLanes(range, passBack)
      }
    }
  }
}

@inline(__always) private func sigmoid(_ x: Lanes) -> Lanes {
  let one = Lanes(repeating: 1)
  return one / (one + exponential(-x))
}

/// Calls `body` with the start of every eight numbers, and with how many the last ones are.
///
/// `body` should be a local function that is always inlined. A closure would be called for every eight numbers;
/// one loop for whole eights and the last ones alike would hold numbers in registers of half the width.
@inline(__always) func overLanes(_ range: Range<Int>, _ body: (Int, Int) -> Void) {
  var index = range.lowerBound
  while index &+ 8 <= range.upperBound {
    body(index, 8)
    index &+= 8
  }
  if index < range.upperBound { body(index, range.upperBound &- index) }
}

extension UnsafePointer where Pointee == Float {
  @inline(__always) func some(at index: Int, count: Int) -> Lanes {
    count == 8 ? lanes(at: index) : lanes(at: index, count: count)
  }
}

extension UnsafeMutablePointer where Pointee == Float {
  @inline(__always) func some(_ lanes: Lanes, at index: Int, count: Int) {
    if count == 8 { store(lanes, at: index) } else { store(lanes, at: index, count: count) }
  }
}
