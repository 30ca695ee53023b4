import JSON
import Merging
public import Pipeline
import Suggestions

/// How `merge` merges: mergekit's names, with weights in the order of the models.
public struct MergeSettings: StageSettings, Equatable {
  public var mergeMethod = "linear"
  /// One for each model; by default the same for all.
  public var weights: [Double]?
  /// The share of a model's changes that are kept: one number, or one for each model.
  public var density: Numbers?
  /// By what the merged change is multiplied.
  public var lambda: Double?
  /// From the base to the model: one number, or several over the layers from first to last.
  public var t: Numbers?
  /// Whether the result is divided by the sum of the weights.
  public var normalize: Bool?
  /// What other settings a method has, by their names.
  public var parameters: [String: Double] = [:]
  /// The type of the output's numbers; nil keeps each tensor's own.
  public var dtype: NumberType?
  /// mergekit's configuration, as a table or as its text: it says everything itself.
  public var config: FreeSetting?
  /// What a configuration calls the models, in their order; `model-1`, `model-2`, … without it.
  public var names: [String]?

  public init() {}

  /// A number or a list of them.
  public enum Numbers: Codable, Sendable, Equatable {
    case one(Double)
    case many([Double])

    public init(from decoder: any Decoder) throws {
      if let number = try? decoder.singleValueContainer().decode(Double.self) {
        self = .one(number)
      } else {
        self = .many(try [Double](from: decoder))
      }
    }

    public func encode(to encoder: any Encoder) throws {
      switch self {
      case .one(let number):
        var container = encoder.singleValueContainer()
        try container.encode(number)
      case .many(let numbers): try numbers.encode(to: encoder)
      }
    }

    var all: [Double] {
      switch self {
      case .one(let number): [number]
      case .many(let numbers): numbers
      }
    }

    /// How many of a list; nil of one number.
    var count: Int? { if case .many(let numbers) = self { numbers.count } else { nil } }
  }

  public enum NumberType: String, Codable, Sendable, CaseIterable {
    case float32
    case bfloat16
    case float16
  }
}

extension MergeSettings {
  /// The merge of so many models, under the names that `MergeLinks` gives them, as mergekit's YAML.
  ///
  /// It stands beside the merged weights, so it is what is carried out too. A method that starts from
  /// a base takes the first model for it where none is given.
  func configuration(modelCount: Int, hasBase: Bool, seed: UInt64) -> String {
    let method = MergeMethods.named(mergeMethod)
    var lines = ["merge_method: \(quoted(mergeMethod))"]
    if hasBase {
      lines.append("base_model: \(MergeLinks.base)")
    } else if method?.base == .required {
      lines.append("base_model: \(MergeLinks.model(0))")
    }
    lines.append("models:")
    for index in 0..<modelCount {
      lines.append("  - model: \(MergeLinks.model(index))")
      let own = own(index, count: modelCount, method)
      if !own.isEmpty { lines.append("    parameters: {\(own.joined(separator: ", "))}") }
    }
    lines.append("parameters: {\(shared.joined(separator: ", "))}")
    if let dtype { lines.append("out_dtype: \(dtype.rawValue)") }
    lines.append("random_seed: \(Int64(bitPattern: seed))")
    return lines.joined(separator: "\n") + "\n"
  }

  /// What stands beside one model.
  private func own(_ index: Int, count: Int, _ method: (any MergeMethod)?) -> [String] {
    var settings: [String] = []
    let hasWeights = method?.parameters.contains { $0.name == "weight" } ?? false
    let equal = hasWeights ? [Double](repeating: 1 / Double(max(1, count)), count: count) : nil
    if let weights = weights ?? equal, weights.indices.contains(index) {
      settings.append("weight: \(weights[index])")
    }
    if case .many(let densities) = density, densities.indices.contains(index) {
      settings.append("density: \(densities[index])")
    }
    return settings
  }

  /// What holds for all models.
  private var shared: [String] {
    var settings: [String] = []
    if case .one(let value) = density { settings.append("density: \(value)") }
    if let lambda { settings.append("lambda: \(lambda)") }
    switch t {
    case .one(let value): settings.append("t: \(value)")
    case .many(let points):
      settings.append("t: [\(points.map { "\($0)" }.joined(separator: ", "))]")
    case nil: break
    }
    if let normalize { settings.append("normalize: \(normalize)") }
    for (name, value) in parameters.sorted(by: { $0.key < $1.key }) {
      settings.append("\(quoted(name)): \(value)")
    }
    return settings
  }

  /// JSON's quotes are YAML's.
  private func quoted(_ text: String) -> String { JSON.string(text).serialized(.compact) }

  /// What can be told to be wrong before the number of models is known.
  func problems() -> [SettingProblem] {
    var problems = nameProblems
    if config != nil {
      var plain = MergeSettings()
      (plain.config, plain.names) = (config, names)
      if self != plain {
        problems.append(
          SettingProblem(
            "config", "a configuration says everything itself: only `names` goes beside it"))
      }
      return problems
    }
    guard problems.isEmpty else { return problems }
    let numbers = (weights ?? []) + (density?.all ?? []) + (t?.all ?? []) + [lambda ?? 1]
    if (numbers + Array(parameters.values)).contains(where: { !$0.isFinite }) {
      problems.append(SettingProblem("", "the numbers of a merge have to be finite"))
    }
    if let weights, let densities = density?.count, densities != weights.count {
      problems.append(
        SettingProblem("density", "there are \(weights.count) weights and \(densities) densities"))
    }
    if t?.count == 0 {
      problems.append(SettingProblem("t", "t is an empty list, where a number would be right"))
    }
    guard problems.isEmpty else { return problems }
    let count = weights?.count ?? density?.count ?? 2
    do {
      _ = try MergeConfiguration(yaml: configuration(modelCount: count, hasBase: true, seed: 0))
      return []
    } catch .configuration(_, let faults) {
      return faults.compactMap { problem(of: $0.kind) }
    } catch {
      return [SettingProblem("", "\(error)")]
    }
  }

  /// Names stand in paths and in YAML.
  private var nameProblems: [SettingProblem] {
    let names = names ?? []
    return names.indices.compactMap { index in
      let name = names[index]
      let isPlain =
        !name.isEmpty && name.first != "." && name != MergeLinks.base
        && name.utf8.allSatisfy { byte in
          (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
            || (0x61...0x7A).contains(byte) || "._-".utf8.contains(byte)
        }
      guard !isPlain || names[..<index].contains(name) else { return nil }
      return SettingProblem(
        "names.\(index + 1)",
        "`\(name)` cannot be a model's name: each has one of its own, of letters, digits, `.`, `_`, `-`"
      )
    }
  }

  private func problem(of fault: ConfigurationFault.Kind) -> SettingProblem? {
    switch fault {
    case .unknownMethod(let name, let known):
      SettingProblem(
        "merge_method",
        "there is no merge method `\(name)`; there are \(known.joined(separator: ", "))"
          + didYouMean(name, among: known))
    case .unknownParameter(let name, let method, let known):
      SettingProblem(
        key(of: name),
        "`\(method)` has no setting `\(name)`; it has \(known.joined(separator: ", "))")
    case .foreignParameter(let name, let method, let users):
      SettingProblem(
        key(of: name),
        "`\(method)` has no setting `\(name)`, which is one of \(users.joined(separator: ", "))")
    case .wrongValue(let key, let found, let expected):
      SettingProblem(self.key(of: key), "`\(key)` is \(found), where \(expected) would be right")
    default: nil
    }
  }

  /// The setting here that gives a method's parameter.
  private func key(of parameter: String) -> String {
    if parameter == "weight" { return "weights" }
    return parameters[parameter] == nil ? parameter : "parameters.\(parameter)"
  }
}
