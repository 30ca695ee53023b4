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
  public var logitsByteLimit = 3 << 25

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

  /// Whether products in bfloat16 are oneDNN's: where the processor has instructions for it.
  ///
  /// Elsewhere they are those of block floating point (`BlockFloat`), and ours.
  public static var multipliesBrainFloats: Bool { ProductPrimitives.areSupported }

  /// Whether decoding has the bits of a training pass: oneDNN's products, in bfloat16, have others.
  public static func decodesAsItTrains(in precision: Precision) -> Bool {
    precision == .float32 || !multipliesBrainFloats
  }

  /// Which kernels compute: the same words mean the same bits.
  ///
  /// In float32, and in block floating point, they are ours and give one result on every processor (`ProductTile`,
  /// `BlockTile`). Products in bfloat16 are oneDNN's, singular values LAPACK's.
  public static func kernelClass(
    bfloat16: Bool = false, singularValues: Bool = false
  ) -> String {
    var parts = ["float32 chains 2"]
    if bfloat16 { parts.append("bfloat16 \(brainFloatClass)") }
    if singularValues {
      let configuration = String(cString: openblas_get_config()).split(separator: " ")
      parts.append(
        "\(configuration.prefix(2).joined(separator: " ")) "
          + String(cString: openblas_get_corename()))
    }
    return parts.joined(separator: ", ")
  }

  private static var brainFloatClass: String {
    guard ProductPrimitives.areSupported, let found = dnnl_version()?.pointee else {
      return "blocks of \(BlockFloat.length)"
    }
    return "oneDNN \(found.major).\(found.minor).\(found.patch) "
      + "isa \(dnnl_get_effective_cpu_isa().rawValue)"
  }
}

/// What copies of one `Compute` share: memory and primitives that are worth keeping.
final class Engine: Sendable {
  let scratch = ScratchPool()
  let primitives = ProductPrimitives()
}
