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

  /// Heights that make the bits of a row independent of the batch it is in.
  ///
  /// OpenBLAS works in tiles of rows; a height that fills them treats every row alike. On AVX-512 the
  /// tiles do not matter from 24 rows on, the AVX2 kernels have tiles of 12.
  public var rowMultiple: Int

  /// Where in a batch a sequence must start for its rows to have the same bits in any batch.
  public var sequenceAlignment: Int

  /// How many bytes of logits `targetLogProbabilities` may hold at once.
  public var logitsByteLimit = 1 << 26

  let engine: Engine

  public init(precision: Precision = .float32, threads: Int = 1) {
    precondition(threads > 0, "\(threads) threads cannot compute")
    self.precision = precision
    self.threads = threads
    engine = Engine()
    let wide = ["SkylakeX", "Cooperlake", "Sapphirerapids", "SapphireRapids"]
    let isWide = wide.contains(Compute.openBLASCore)
    rowMultiple = isWide ? 32 : 96
    sequenceAlignment = isWide ? 1 : 24
  }

  static var openBLASCore: String { String(cString: openblas_get_corename()) }

  /// Which kernels multiply here: the same words mean the same bits.
  public static var kernelClass: String {
    let configuration = String(cString: openblas_get_config()).split(separator: " ")
    let version = configuration.prefix(2).joined(separator: " ")
    var oneDNN = "oneDNN"
    if let found = dnnl_version()?.pointee {
      oneDNN += " \(found.major).\(found.minor).\(found.patch)"
    }
    return "\(version) \(openBLASCore), \(oneDNN) isa \(dnnl_get_effective_cpu_isa().rawValue)"
  }
}

/// What copies of one `Compute` share: memory and primitives that are worth keeping.
final class Engine: Sendable {
  let scratch = ScratchPool()
  let primitives = ProductPrimitives()

  init() { openblas_set_num_threads(1) }
}
