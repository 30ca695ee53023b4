import Glibc
import Suggestions

extension MergeError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .configuration(let file, let faults):
      faults.map { fault in
        let place = fault.position.map { ":\($0.line):\($0.column)" } ?? ""
        let location = "\(file ?? "")\(file == nil ? String(place.dropFirst()) : place)"
        return location.isEmpty ? "\(fault.kind)" : "\(location): error: \(fault.kind)"
      }.joined(separator: "\n")
    case .tensors(let faults):
      (["the models do not fit each other"]
        + faults.prefix(20).map { "  \($0)" }
        + (faults.count > 20 ? ["  and \(faults.count - 20) more"] : [])).joined(separator: "\n")
    case .arithmetic(let tensor, let reason): "\(tensor): \(reason)"
    case .busy(let path):
      "another process is writing \(path); wait for it, or name another output"
    case .unfinished(let path, let missing):
      "\(missing) tensors are missing in \(path); run the same merge again to make them"
    case .outputExists(let path):
      "\(path) is there already; name another output, or remove it"
    case .system(let path, let operation, let code):
      "cannot \(operation) \(path): \(String(cString: strerror(code)))"
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
      if let model {
        "\(method) needs \"\(name)\" for \(model): set it beside the model or at the top, under parameters"
          + " (on the command line --set \(name)=…"
          + (name == "weight" ? ", or \(model):WEIGHT)" : ")")
      } else {
        "\(method) needs \"\(name)\": set it at the top, under parameters (on the command line --set \(name)=…)"
      }
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
    case .foreignParameter(let name, let method, let users):
      "\(method) makes no use of \"\(name)\", a parameter of \(users.joined(separator: ", ")): "
        + "remove it, or choose one of them"
    case .unusedFilter(let filter, let parameter, let known):
      "no tensor's name has \"\(filter)\" in it, so that a value of \"\(parameter)\" is not used"
        + hint(filter, known)
    case .unknownModel(let name, let known):
      "\"\(name)\" is no model of this merge" + hint(name, known)
    case .unknownToken(let token, let place, let nearest):
      "\(place) has no token \"\(token)\""
        + (nearest.map { "; did you mean \"\($0)\"?" } ?? "; name one that it has, or leave it out")
    case .unknownTemplate(let name, let known):
      "there is no chat template \"\(name)\", and it is none itself" + hint(name, known)
    case .duplicateName(let name):
      "two documents have the name \"\(name)\"; give each its own"
    case .cycle(let names):
      "\(names.joined(separator: " needs ")): a merge cannot be made of its own result"
    case .unusedDocument(let name, let known):
      "no other document uses \"\(name)\"" + hint(name, known)
    case .severalResults(let count):
      "\(count) documents have no \"name\": one can be the result; name the others and use them"
    }
  }

  private func hint(_ name: String, _ known: [String]) -> String {
    if let near = suggestion(for: name, among: known) { return "; did you mean \"\(near)\"?" }
    return "; there is " + known.joined(separator: ", ")
  }
}
