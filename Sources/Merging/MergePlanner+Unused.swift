import Checkpoints
import Suggestions

/// What a configuration says and nothing follows from.
extension MergePlanner {
  mutating func noteIgnoredBase() {
    guard method.base != .model else { return }
    for slice in configuration.slices {
      let base = slice.base ?? configuration.base
      for source in slice.sources where source.model == base && !source.parameters.isEmpty {
        notes.append(
          "the parameters of \(source.model) are not used: \(method.name) starts from it")
      }
    }
  }

  /// A filter that fits no tensor is misspelt if it is almost a name, or else was meant for another model.
  mutating func reportUnusedFilters() {
    guard tensorFaults.isEmpty else { return }
    var known: [String] = []
    for tensor in tensors {
      for part in tensor.information.name.split(separator: ".") where Int(part) == nil {
        if !known.contains(String(part)) { known.append(String(part)) }
      }
    }
    let settings =
      configuration.parameters + configuration.modules.flatMap(\.parameters)
      + configuration.slices.flatMap { $0.parameters + $0.sources.flatMap(\.parameters) }
    for setting in settings {
      guard case .filtered(let entries) = setting.value else { continue }
      for case .some(let filter) in entries.map(\.filter)
      where filter != "*" && !tensors.contains(where: { fits($0.information.name, filter) }) {
        guard filter.utf8.count > 4, suggestion(for: filter, among: known) != nil else {
          notes.append(
            "no tensor's name has \"\(filter)\" in it: its \"\(setting.name)\" is not used")
          continue
        }
        configurationFaults.append(
          ConfigurationFault(
            .unusedFilter(filter, parameter: setting.name, known: known), at: setting.position))
      }
    }
  }

  private func fits(_ tensor: String, _ filter: String) -> Bool {
    TensorPlace(name: tensor, depth: 0).fits(filter)
  }
}
