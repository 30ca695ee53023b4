import CBLAS
import Kernels

/// The best product of this machine: OpenBLAS' in float32 or ours in a precision, whichever is the faster in the same rounds.
struct ProductCeiling {
  let threads: Int
  private let compute: Compute
  private let (left, right, result): (Matrix, Matrix, Matrix)
  private static let size = 1024

  init(precision: Precision = .float32, threads: Int) {
    self.threads = threads
    compute = Compute(precision: precision, threads: threads)
    left = .filled(rows: ProductCeiling.size, columns: ProductCeiling.size)
    right = .filled(rows: ProductCeiling.size, columns: ProductCeiling.size)
    result = Matrix(rows: ProductCeiling.size, columns: ProductCeiling.size)
  }

  /// 2 · 1024³.
  static var work: Double { 2 * Double(size * size * size) }

  /// The products to be timed beside a kernel, with their names.
  var things: [(name: String, body: () -> Void)] {
    [
      ("OpenBLAS 1024³", multiplyByOpenBLAS),
      ("ours 1024³, \(compute.precision.rawValue)", multiplyByOurs),
    ]
  }

  private func multiplyByOurs() { compute.multiply(left, transposed: right, into: result) }

  /// The library may multiply by OpenBLAS on one thread, and so finds it as it was.
  private func multiplyByOpenBLAS() {
    openblas_set_num_threads(Int32(threads))
    let size = Int32(ProductCeiling.size)
    left.buffer.withSpan(0..<left.count) { x in
      right.buffer.withSpan(0..<right.count) { w in
        result.buffer.withMutableSpan(0..<result.count) { y in
          x.withUnsafeBufferPointer { x in
            w.withUnsafeBufferPointer { w in
              y.withUnsafeMutableBufferPointer { y in
                cblas_sgemm(
                  CblasRowMajor, CblasNoTrans, CblasTrans, size, size, size, 1, x.baseAddress,
                  size, w.baseAddress, size, 0, y.baseAddress, size)
              }
            }
          }
        }
      }
    }
    openblas_set_num_threads(1)
  }
}
