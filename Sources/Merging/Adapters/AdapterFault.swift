/// Why adapters cannot be combined or extracted: facts, rendered by `description`.
public enum AdapterFault: Error, Sendable, Equatable {
  case nothing
  case unequalRanks(method: String, ranks: [Int])
  case unequalShapes(module: String, first: [Int], found: [Int], adapter: String)
  case wholeTensors(adapter: String, name: String)
  case missingDensity(method: String)
  case notFinite(module: String)
  case unequalModels(tensor: String, model: [Int], base: [Int])
  case noDifference
}

extension AdapterFault: CustomStringConvertible {
  public var description: String {
    switch self {
    case .nothing: "there are no adapters to combine"
    case .unequalRanks(let method, let ranks):
      "\(method) adds matrices, and the adapters have the ranks "
        + ranks.map { "\($0)" }.joined(separator: ", ") + "; svd and cat combine any"
    case .unequalShapes(let module, let first, let found, let adapter):
      "\(module) is \(found) in \(adapter) and \(first) in the first adapter: they belong to other bases"
    case .wholeTensors(let adapter, let name):
      "\(adapter) has \(name) trained whole (modules_to_save), which cannot be combined: merge the adapter "
        + "into its base, and that with the others"
    case .missingDensity(let method): "\(method) needs a density, the share that is kept"
    case .notFinite(let module):
      "\(module) has numbers that are not finite: train or fetch it again"
    case .unequalModels(let tensor, let model, let base):
      "\(tensor) is \(model) in the model and \(base) in the base: an adapter cannot make one of the other"
    case .noDifference: "the model does not differ from its base: there is nothing to extract"
    }
  }
}
