/// A symmetric matrix as B · diag(d²) · Bᵀ, by Jacobi's rotations in a fixed order: for a few dozen rows.
struct SymmetricEigenvectors: Sendable {
  /// The columns of B.
  private var vectors: [[Double]]
  /// d: the roots of the eigenvalues, at least 1e-10.
  private var lengths: [Double]

  init(_ matrix: [[Double]]) {
    let count = matrix.count
    var a = matrix
    var v = matrix.indices.map { row in matrix.indices.map { row == $0 ? 1.0 : 0 } }
    for _ in 0..<50 {
      var off = 0.0
      for row in 0..<count {
        for column in 0..<count where column > row { off += a[row][column] * a[row][column] }
      }
      guard off > 1e-24, off.isFinite else { break }
      for p in 0..<count {
        for q in 0..<count where q > p && a[p][q] != 0 { Self.rotate(&a, &v, p, q) }
      }
    }
    vectors = v
    lengths = (0..<count).map { max(1e-20, a[$0][$0]).squareRoot() }
  }

  /// The rotation that makes a[p][q] zero.
  private static func rotate(_ a: inout [[Double]], _ v: inout [[Double]], _ p: Int, _ q: Int) {
    let theta = (a[q][q] - a[p][p]) / (2 * a[p][q])
    let t = (theta >= 0 ? 1.0 : -1.0) / (abs(theta) + (theta * theta + 1).squareRoot())
    let c = 1 / (t * t + 1).squareRoot()
    let s = t * c
    for k in a.indices {
      let (x, y) = (a[k][p], a[k][q])
      (a[k][p], a[k][q]) = (c * x - s * y, s * x + c * y)
    }
    for k in a.indices {
      let (x, y) = (a[p][k], a[q][k])
      (a[p][k], a[q][k]) = (c * x - s * y, s * x + c * y)
    }
    for k in v.indices {
      let (x, y) = (v[k][p], v[k][q])
      (v[k][p], v[k][q]) = (c * x - s * y, s * x + c * y)
    }
  }

  /// B · diag(d) · z: a draw of N(0, I) as one of the matrix's distribution.
  func stretched(_ z: [Double]) -> [Double] {
    z.indices.map { row in
      z.indices.reduce(0) { $0 + vectors[row][$1] * lengths[$1] * z[$1] }
    }
  }

  /// B · diag(1/d) · Bᵀ · y.
  func whitened(_ y: [Double]) -> [Double] {
    let turned = y.indices.map { column in
      y.indices.reduce(0) { $0 + vectors[$1][column] * y[$1] } / lengths[column]
    }
    return y.indices.map { row in
      y.indices.reduce(0) { $0 + vectors[row][$1] * turned[$1] }
    }
  }
}
