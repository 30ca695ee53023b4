import Glibc
import Suggestions

extension MergeError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .configuration(let file, let faults):
      faults.map { fault in
        let place = fault.position.map { ":\($0.line):\($0.column)" } ?? ""
        let prefix =
          file.map { "\($0)\(place): " } ?? (place.isEmpty ? "" : "\(place.dropFirst()): ")
        return "\(prefix)error: \(fault.kind)"
      }.joined(separator: "\n")
    case .tensors(let faults):
      (["error: the models do not fit each other"]
        + faults.prefix(20).map { "  \($0)" }
        + (faults.count > 20 ? ["  and \(faults.count - 20) more"] : [])).joined(separator: "\n")
    case .outputExists(let path):
      "error: \(path) is there already; name another output, or remove it"
    case .system(let path, let operation, let code):
      "error: cannot \(operation) \(path): \(String(cString: strerror(code)))"
    }
  }
}

extension ConfigurationFault.Kind: CustomStringConvertible {
  public var description: String {
    switch self {
    case .syntax(let message): message
    case .unknownKey(let key, let place, let known):
      "unknown key \"\(key)\" in \(place)" + hint(key, known)
    case .missingKey(let key, let place): "\(place) needs \"\(key)\""
    case .wrongValue(let key, let found, let expected):
      "\"\(key)\" is \(found), and should be \(expected)"
    case .unknownMethod(let name, let known):
      "there is no merge method \"\(name)\"" + hint(name, known)
    case .unknownParameter(let name, let method, let known):
      "\(method) has no parameter \"\(name)\"" + hint(name, known)
    case .missingParameter(let name, let method, let model):
      "\(method) needs \"\(name)\"" + (model.map { " for \($0)" } ?? "")
    case .wrongModelCount(let method, let found, let expected):
      expected.count == 1
        ? "\(method) takes \(expected.lowerBound) model\(expected.lowerBound == 1 ? "" : "s") "
          + "(besides its base), not \(found)"
        : "\(method) takes \(expected.lowerBound) to \(expected.upperBound) models, not \(found)"
    case .missingBase(let method): "\(method) needs a \"base_model\""
    case .unequalLayers(let found, let expected):
      "the sources of a slice need as many layers each: \(found) here, \(expected) before"
    case .unsupported(let key, let found, let supported):
      "\"\(key)\" is \(found), which is not supported; \(supported)"
    case .objection(let tensor, let reason): "for \(tensor) \(reason)"
    }
  }

  private func hint(_ name: String, _ known: [String]) -> String {
    if let near = suggestion(for: name, among: known) { return "; did you mean \"\(near)\"?" }
    return "; there is " + known.joined(separator: ", ")
  }
}

extension TensorFault: CustomStringConvertible {
  public var description: String {
    switch self {
    case .missing(let tensor, let model, let present):
      "\(tensor) is in \(present) and not in \(model)"
    case .shape(let tensor, let model, let found, let other, let expected):
      "\(tensor) is \(found) in \(model) and \(expected) in \(other)"
    case .notFloats(let tensor, let model, let type):
      "\(tensor) is \(type) in \(model): only floats can be merged"
    case .noLayers(let model): "\(model) has no tensors of layers, which a layer_range needs"
    case .layerRange(let model, let found, let layers):
      "\(model) has \(layers) layers, so that \(found.lowerBound) to \(found.upperBound) are not there"
    }
  }
}
