/// The products of a tensor's models with each other, ⟨θᵢ, θⱼ⟩, or of their changes: lengths and angles are all in it.
///
/// Whatever is made of a few vectors within their own span (means on a sphere, say) can be worked out from these numbers, and
/// the tensors need be read once for them and once for the result, however many steps that takes.
struct GramMatrix: Sendable {
  let count: Int
  /// Row-major, symmetric.
  private(set) var products: [Double]

  init(count: Int) {
    self.count = count
    products = [Double](repeating: 0, count: count * count)
  }

  subscript(first: Int, second: Int) -> Double {
    get { products[first * count + second] }
    set {
      products[first * count + second] = newValue
      products[second * count + first] = newValue
    }
  }

  func length(_ index: Int) -> Double { self[index, index].squareRoot() }

  /// The cosine between two, in [−1, 1]; 0 where one of them is zero.
  func cosine(_ first: Int, _ second: Int) -> Double {
    // One root: of equal vectors it is exactly 1.
    let length = (self[first, first] * self[second, second]).squareRoot()
    return length > 0 ? max(-1, min(1, self[first, second] / length)) : 0
  }

  /// ⟨Σ xᵢθᵢ, θ⟩ for each θ.
  func applied(_ coefficients: [Double]) -> [Double] {
    (0..<count).map { row in
      (0..<count).reduce(0) { $0 + self[row, $1] * coefficients[$1] }
    }
  }

  /// ‖Σ xᵢθᵢ‖.
  func length(_ coefficients: [Double]) -> Double {
    max(0, zip(coefficients, applied(coefficients)).reduce(0) { $0 + $1.0 * $1.1 }).squareRoot()
  }
}

extension GramMatrix {
  /// Of whole tensors; of their changes from the base if `ofChanges`.
  init(_ tensors: MergeTensors, ofChanges: Bool) throws {
    let count = tensors.models.count
    let blocks = try tensors.map(.anywhere) { block in
      GramMatrix.products(block, block.lanes, ofChanges: ofChanges)
    }
    self.init(count: count)
    for block in blocks { add(block) }
  }

  /// Of every row by itself.
  static func ofRows(_ tensors: MergeTensors, ofChanges: Bool) throws -> [GramMatrix] {
    let count = tensors.models.count
    let blocks = try tensors.map(.rows) { block in
      (0..<block.rows.count).map { row in
        var matrix = GramMatrix(count: count)
        matrix.add(products(block, block.lanes(row: row), ofChanges: ofChanges))
        return matrix
      }
    }
    return blocks.flatMap { $0 }
  }

  private mutating func add(_ upper: [Double]) {
    var index = 0
    for first in 0..<count {
      for second in first..<count {
        self[first, second] += upper[index]
        index += 1
      }
    }
  }

  /// The upper triangle of the products over some lanes.
  private static func products(_ block: MergeBlock, _ range: Range<Int>, ofChanges: Bool)
    -> [Double]
  {
    var products: [Double] = []
    for first in block.models.indices {
      for second in first..<block.models.count {
        let (x, y) = (block.models[first], block.models[second])
        products.append(
          ofChanges ? dot(x, y, from: block.base, range) : dot(x, y, range))
      }
    }
    return products
  }

  private static func dot(_ first: [Lanes], _ second: [Lanes], _ range: Range<Int>) -> Double {
    var sum = WideLanes()
    for lanes in range { sum += first[lanes].wide * second[lanes].wide }
    return sum.total
  }

  private static func dot(
    _ first: [Lanes], _ second: [Lanes], from base: [Lanes], _ range: Range<Int>
  ) -> Double {
    var sum = WideLanes()
    for lanes in range {
      let origin = base[lanes].wide
      sum += (first[lanes].wide - origin) * (second[lanes].wide - origin)
    }
    return sum.total
  }
}
