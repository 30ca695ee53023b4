import COneDNN
import COpenBLAS

/// What the inputs of large matrix products are rounded to.
///
/// Sums are always float32.
public enum Precision: String, Sendable, CaseIterable {
  case float32
  case bfloat16
}

/// How arithmetic is done: which engine multiplies, and on how many threads.
///
/// Kernels are methods of it. None of them gives other bits on another number of threads.
public struct Compute: Sendable {
  public var precision: Precision
  public var threads: Int

  /// How many bytes of logits `targetLogProbabilities` may hold at once.
  public var logitsByteLimit = 1 << 26

  let engine: Engine

  public init(precision: Precision = .float32, threads: Int = 1) {
    precondition(threads > 0, "\(threads) threads cannot compute")
    self.precision = precision
    self.threads = threads
    engine = Engine()
  }

  /// The same threads, with products in float32.
  ///
  /// For what is small and trained: an adapter's matrices.
  public var exact: Compute {
    var exact = self
    exact.precision = .float32
    return exact
  }

  /// Which kernels multiply here: the same words mean the same bits.
  ///
  /// In float32 they are ours and one on every processor (`ProductTile`). In bfloat16 they are oneDNN's
  /// where the processor has instructions for it. The singular values of merges are LAPACK's.
  public static var kernelClass: String {
    var oneDNN = "oneDNN"
    if let found = dnnl_version()?.pointee {
      oneDNN += " \(found.major).\(found.minor).\(found.patch)"
    }
    let brainFloat =
      ProductPrimitives.areSupported
      ? "\(oneDNN) isa \(dnnl_get_effective_cpu_isa().rawValue)" : "rounded"
    let configuration = String(cString: openblas_get_config()).split(separator: " ")
    let lapack = configuration.prefix(2).joined(separator: " ")
    return "float32 chains 1, bfloat16 \(brainFloat), "
      + "\(lapack) \(String(cString: openblas_get_corename()))"
  }
}

/// What copies of one `Compute` share: memory and primitives that are worth keeping.
final class Engine: Sendable {
  let scratch = ScratchPool()
  let primitives = ProductPrimitives()
}
