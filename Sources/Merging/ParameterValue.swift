/// What a merge configuration says of a parameter, before a tensor is chosen.
public enum ParameterValue: Sendable, Equatable {
  case scalar(Double)
  /// A word, for parameters that choose.
  case word(String)
  /// Over the layers from the first to the last, straight lines between.
  case gradient([Double])
  /// By tensor: the first whose filter fits.
  case filtered([Filtered])

  public struct Filtered: Sendable, Equatable {
    /// Part of a tensor's name, or `embed`, `final_norm` or `lm_head`; nil or `*` fits all.
    public var filter: String?
    public var value: ParameterValue

    public init(filter: String?, value: ParameterValue) {
      self.filter = filter
      self.value = value
    }
  }

  /// The value for a tensor; nil if this says nothing of it.
  func resolved(for tensor: TensorPlace) -> ParameterValue? {
    switch self {
    case .scalar, .word: self
    case .gradient(let points): .scalar(Self.interpolate(points, at: tensor.depth))
    case .filtered(let entries):
      entries.first { tensor.fits($0.filter) }?.value.resolved(for: tensor)
    }
  }

  private static func interpolate(_ points: [Double], at depth: Double) -> Double {
    let position = depth * Double(points.count - 1)
    let index = min(max(0, Int(position)), points.count - 1)
    guard index + 1 < points.count else { return points[index] }
    let share = position - Double(index)
    return (1 - share) * points[index] + share * points[index + 1]
  }
}

/// Where in the output a tensor stands.
public struct TensorPlace: Sendable, Equatable {
  public var name: String
  /// 0 at the first layer of its slice and 1 at the last; 0 outside the layers, as in mergekit.
  public var depth: Double

  /// `embed`, `final_norm` or `lm_head`, outside the layers.
  var role: String? {
    let parts = name.split(separator: ".")
    if LayerName(name) != nil { return nil }
    if parts.contains("lm_head") || name == "output.weight" { return "lm_head" }
    if parts.contains(where: { $0.contains("embed") || $0 == "wte" }) { return "embed" }
    return parts.contains { $0.contains("norm") || $0 == "ln_f" } ? "final_norm" : nil
  }

  func fits(_ filter: String?) -> Bool {
    guard let filter, filter != "*" else { return true }
    return name.contains(filter) || role == filter
  }
}

/// A tensor's name, split at the number of its layer: `model.layers.3.mlp.up_proj.weight`.
struct LayerName {
  var prefix: String
  var layer: Int
  var suffix: String

  init?(_ name: String) {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    let groups: Set<Substring> = ["layers", "h", "blocks", "layer"]
    for index in parts.indices.dropFirst() where groups.contains(parts[index - 1]) {
      guard let layer = Int(parts[index]), layer >= 0, "\(layer)" == parts[index] else { continue }
      prefix = parts[..<index].joined(separator: ".")
      self.layer = layer
      suffix = parts[(index + 1)...].joined(separator: ".")
      return
    }
    return nil
  }

  func name(layer: Int) -> String { "\(prefix).\(layer).\(suffix)" }
}
