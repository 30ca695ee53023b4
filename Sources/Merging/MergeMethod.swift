/// A way of making one tensor from the same tensor of several models: a pure function of tensors that never sees a file.
///
/// Adding one: a file with the formula and its paper, and a line in `MergeMethods.all`. The plan checks the configuration against
/// what the method says of itself, so that a method need not.
public protocol MergeMethod: Sendable {
  /// What `merge_method` calls it.
  var name: String { get }
  /// One line for model cards: what it does and where it is published.
  var summary: String { get }
  /// The settings it takes, with defaults.
  var parameters: [MergeParameter] { get }
  var base: BaseRole { get }
  /// How many models it merges; the base counts only where its role is `.model`.
  var modelCount: ClosedRange<Int> { get }

  /// What is wrong with the parameters that one tensor would get; nil if nothing is. Asked before any arithmetic.
  func objection(to parameters: ResolvedParameters) -> String?

  /// How blocks of one tensor are merged, once all of it has been looked at where the method needs that.
  ///
  /// Sums run over models in the order of the configuration and over blocks from the first to the last.
  func merging(_ tensors: MergeTensors) throws -> any BlockMerge
}

/// How each block of one tensor is merged: whatever the method had to know of the whole tensor is in it.
public protocol BlockMerge: Sendable {
  var cut: BlockCut { get }

  /// The merged values of a block, into as many lanes of zeros.
  func merge(_ block: MergeBlock, into merged: inout [WideLanes])
}

extension BlockMerge {
  public var cut: BlockCut { .anywhere }
}

extension MergeMethod {
  public func objection(to parameters: ResolvedParameters) -> String? { nil }
}

/// What a method makes of `base_model`.
public enum BaseRole: Sendable, Equatable {
  /// It is one of the models, if it is listed among them.
  case model
  /// It may be given, and then changes are merged instead of weights.
  case optional
  /// It must be given: changes from it are merged. Listed among the models it is left out there.
  case required
}

/// A setting of a merge method.
public struct MergeParameter: Sendable, Equatable {
  public enum Kind: Sendable, Equatable {
    case number(ClosedRange<Double>)
    /// true or false, kept as 1 or 0.
    case flag
    /// One of these words, kept as its index.
    case choice([String])
  }

  public var name: String
  public var kind: Kind
  /// Nil: it must be set.
  public var standard: Double?
  /// Whether each model has its own.
  public var isPerModel: Bool

  public init(_ name: String, _ kind: Kind, standard: Double? = nil, isPerModel: Bool = false) {
    self.name = name
    self.kind = kind
    self.standard = standard
    self.isPerModel = isPerModel
  }

  public static let anyNumber = Kind.number(
    -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude)

  /// How much a model counts for.
  public static func weight(standard: Double? = nil) -> MergeParameter {
    MergeParameter("weight", anyNumber, standard: standard, isPerModel: true)
  }

  /// The share of a model's changes that are kept.
  public static let density = MergeParameter(
    "density", .number(0...1), standard: 1, isPerModel: true)

  /// By what the merged change is multiplied.
  public static let lambda = MergeParameter("lambda", anyNumber, standard: 1)

  /// Whether the result is divided by the sum of the weights.
  public static func normalize(_ standard: Bool) -> MergeParameter {
    MergeParameter("normalize", .flag, standard: standard ? 1 : 0)
  }

  /// By what the changes that are kept are multiplied, so that they weigh as much as all did.
  ///
  /// `l1` keeps the sum of their sizes (mergekit's `true`), `inverse_density` divides by the density (the papers).
  static func rescale(_ standard: ChangeScaling) -> MergeParameter {
    let words = ChangeScaling.allCases.map(\.rawValue)
    return MergeParameter(
      "rescale", .choice(words), standard: words.firstIndex(of: standard.rawValue).map(Double.init))
  }

  /// How mergekit stores masks; read and without effect here.
  public static let int8Mask = MergeParameter("int8_mask", .flag, standard: 0)
}

/// The merge methods there are.
public enum MergeMethods {
  public static let all: [any MergeMethod] = [
    LinearMerge(), SlerpMerge(), NuslerpMerge(), MultislerpMerge(), KarcherMerge(),
    TaskArithmeticMerge(), TiesMerge(), DareLinearMerge(), DareTiesMerge(), DellaMerge(),
    DellaLinearMerge(), BreadcrumbsMerge(), BreadcrumbsTiesMerge(), ModelStockMerge(),
    NearswapMerge(), ArceeFusionMerge(), SceMerge(), RamMerge(), RamPlusMerge(),
    PassthroughMerge(),
  ]

  /// The method that `merge_method` names; nil if there is none of that name.
  public static func named(_ name: String) -> (any MergeMethod)? {
    all.first { $0.name == name }
  }
}
