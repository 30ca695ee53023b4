/// A way of making one tensor from the same tensor of several models: a pure function that never sees a file.
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

  /// The merged tensor. Sums run over models in the order of the configuration and over elements from the first to the last.
  func merge(_ tensors: MergeTensors) throws -> [Float]
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

  /// How mergekit stores masks; read and without effect here.
  public static let int8Mask = MergeParameter("int8_mask", .flag, standard: 0)
}

/// The value of every parameter for one tensor, in the order in which the method declares them.
public struct ResolvedParameters: Sendable, Equatable {
  /// One value each.
  public var shared: [(name: String, value: Double)]
  /// For each parameter a value for each model.
  public var perModel: [(name: String, values: [Double])]

  public init(shared: [(name: String, value: Double)], perModel: [(name: String, values: [Double])])
  {
    self.shared = shared
    self.perModel = perModel
  }

  public static func == (left: Self, right: Self) -> Bool {
    left.shared.elementsEqual(right.shared, by: ==)
      && left.perModel.elementsEqual(right.perModel, by: ==)
  }

  /// A shared parameter; asking for one that the method did not declare is a mistake in the method.
  public func number(_ name: String) -> Double {
    guard let entry = shared.first(where: { $0.name == name }) else {
      preconditionFailure("\(name) is no declared parameter")
    }
    return entry.value
  }

  public func flag(_ name: String) -> Bool { number(name) != 0 }

  /// A parameter's value for each model.
  public func numbers(_ name: String) -> [Double] {
    guard let entry = perModel.first(where: { $0.name == name }) else {
      preconditionFailure("\(name) is no declared parameter of models")
    }
    return entry.values
  }
}

/// The same tensor of every model.
public struct MergeTensors: Sendable {
  /// The output tensor's name, a coordinate of random masks.
  public var name: String
  public var seed: UInt64
  /// Outermost dimension first.
  public var shape: [Int]
  /// Row-major; nil where the method takes no base, or none was given.
  public var base: [Float]?
  /// Row-major, in the order of the configuration; without the base where it is not a model.
  public var models: [[Float]]
  public var parameters: ResolvedParameters

  public init(
    name: String, seed: UInt64 = 0, shape: [Int], base: [Float]?, models: [[Float]],
    parameters: ResolvedParameters
  ) {
    self.name = name
    self.seed = seed
    self.shape = shape
    self.base = base
    self.models = models
    self.parameters = parameters
  }
}

/// The merge methods there are.
public enum MergeMethods {
  public static let all: [any MergeMethod] = [
    LinearMerge(), SlerpMerge(), TaskArithmeticMerge(), TiesMerge(), PassthroughMerge(),
  ]

  /// The method that `merge_method` names; nil if there is none of that name.
  public static func named(_ name: String) -> (any MergeMethod)? {
    all.first { $0.name == name }
  }
}
