/// What a search may change of a merge: parameters of a method between bounds, some of them in groups of layers.
public struct SearchSpace: Sendable, Equatable {
  /// One number to be found.
  public struct Axis: Sendable, Equatable {
    public var parameter: String
    /// Which model's it is; nil of parameters that all share.
    public var model: Int?
    /// Which point of the gradient over the layers it is.
    public var group: Int
    public var range: ClosedRange<Double>

    /// As a report names it: `weight[2]`, `t@1`.
    public func name(groups: Int) -> String {
      parameter + (model.map { "[\($0 + 1)]" } ?? "") + (groups > 1 ? "@\(group + 1)" : "")
    }
  }

  public let method: String
  public let modelCount: Int
  public let groups: Int
  public let axes: [Axis]

  /// The parameters that are tuned unless a search says otherwise, and their bounds.
  public static let standardRanges: [(name: String, range: ClosedRange<Double>)] = [
    ("weight", 0...1.5), ("density", 0.1...1), ("lambda", 0.2...1.5), ("t", 0...1),
  ]

  /// Nil of a method that there is not; names that the method does not have are left out.
  ///
  /// `groups` above 1 gives each parameter that many values, spread over the layers with straight lines between.
  public init?(
    method: String, modelCount: Int, parameters: [(name: String, range: ClosedRange<Double>)],
    groups: Int = 1
  ) {
    guard let found = MergeMethods.named(method) else { return nil }
    self.method = method
    self.modelCount = modelCount
    self.groups = max(1, groups)
    var axes: [Axis] = []
    for (name, range) in parameters {
      guard let parameter = found.parameters.first(where: { $0.name == name }) else { continue }
      for model in 0..<(parameter.isPerModel ? modelCount : 1) {
        for group in 0..<max(1, groups) {
          axes.append(
            Axis(
              parameter: name, model: parameter.isPerModel ? model : nil, group: group,
              range: range))
        }
      }
    }
    self.axes = axes
  }

  /// The point of the unit cube that stands for a value of each parameter.
  public func point(_ value: (Axis) -> Double) -> [Double] {
    axes.map { axis in
      let width = axis.range.upperBound - axis.range.lowerBound
      guard width > 0 else { return 0 }
      return min(1, max(0, (value(axis) - axis.range.lowerBound) / width))
    }
  }

  /// The values of a point, rounded to four decimals, so that they can be written down whole.
  public func values(_ point: [Double]) -> [Double] {
    zip(axes, point).map { axis, share in
      let value = axis.range.lowerBound + share * (axis.range.upperBound - axis.range.lowerBound)
      return (value * 10_000).rounded() / 10_000
    }
  }

  /// mergekit's YAML of a point: models by their names, a base if there is one, what is fixed besides.
  public func configuration(
    _ point: [Double], models: [String], base: String?, fixed: [(name: String, value: String)] = [],
    elementType: String? = nil, seed: UInt64 = 0
  ) -> String {
    let values = values(point)
    var lines = ["merge_method: \(method)"]
    if let base { lines.append("base_model: \(base)") }
    lines.append("models:")
    for (model, name) in models.enumerated() {
      lines.append("  - model: \(name)")
      let own = written(values) { $0.model == model }
      if !own.isEmpty { lines.append("    parameters: {\(own.joined(separator: ", "))}") }
    }
    let shared = written(values) { $0.model == nil } + fixed.map { "\($0.name): \($0.value)" }
    lines.append("parameters: {\(shared.joined(separator: ", "))}")
    if let elementType { lines.append("out_dtype: \(elementType)") }
    lines.append("random_seed: \(Int64(bitPattern: seed))")
    return lines.joined(separator: "\n") + "\n"
  }

  private func written(_ values: [Double], where isWanted: (Axis) -> Bool) -> [String] {
    var settings: [(name: String, values: [Double])] = []
    for (axis, value) in zip(axes, values) where isWanted(axis) {
      if settings.last?.name == axis.parameter {
        settings[settings.count - 1].values.append(value)
      } else {
        settings.append((axis.parameter, [value]))
      }
    }
    return settings.map { name, values in
      let text = values.map { "\($0)" }.joined(separator: ", ")
      return "\(name): \(groups > 1 ? "[\(text)]" : text)"
    }
  }
}
