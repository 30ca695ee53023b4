/// The settings of a LoRA adapter, as PEFT's `adapter_config.json` has them.
///
/// `y = W·x + s·B·(A·x)`, with `s = α/r`, or `α/√r` for rank-stabilised LoRA.
public struct AdapterConfiguration: Sendable, Equatable {
  /// The modules that have an adapter.
  public enum Targets: Sendable, Equatable {
    /// Ends of module paths: `q_proj`, or a whole path.
    case names([String])
    /// One regular expression over whole module paths, or `all-linear`.
    case pattern(String)
  }

  public enum Bias: String, Sendable, CaseIterable {
    case none
    case all
    case loraOnly = "lora_only"
  }

  /// The rank of modules that no pattern names.
  public var r = 8
  public var loraAlpha = 8.0
  public var loraDropout = 0.0
  public var useRSLoRA = false
  public var targetModules = Targets.names([])
  /// Modules that are left out although they are targets.
  public var excludeModules: Targets?
  /// A regular expression over the end of a module's path → its rank; the first that fits holds.
  public var rankPattern: [(pattern: String, value: Int)] = []
  public var alphaPattern: [(pattern: String, value: Double)] = []
  public var bias = Bias.none
  public var baseModelNameOrPath: String?
  /// Modules that were trained whole and are saved beside the adapter.
  public var modulesToSave: [String] = []
  public var layersToTransform: [Int] = []
  public var layersPattern: [String] = []
  /// `CAUSAL_LM`, `SEQ_CLS`; nil where the file does not say.
  public var taskType: String?

  public init() {}

  /// What a module's `B·A` is multiplied by, given its rank and alpha.
  public func scale(rank: Int, alpha: Double) -> Double {
    useRSLoRA ? alpha / Double(rank).squareRoot() : alpha / Double(rank)
  }

  public static func == (left: Self, right: Self) -> Bool {
    left.json == right.json
  }
}
