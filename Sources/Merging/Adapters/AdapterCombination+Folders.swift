public import Checkpoints

extension AdapterCombination {
  /// Combines adapters on disk into one, in a folder that appears whole or not at all.
  ///
  /// - Throws: `AdapterFault`, `CheckpointError`, `MergeError`.
  public func write(_ adapters: [AdapterDirectory], to output: String) throws {
    let plan = try plan(adapters)
    let folder = try PublishedFolder(path: output)
    let writer = try AdapterWriter(
      folder: folder.temporary, configuration: plan.configuration,
      modules: plan.modules.map {
        .init(path: $0.path, rank: plan.rank, inputs: $0.inputs, outputs: $0.outputs)
      })
    for module in plan.modules {
      let (down, up) = try combine(
        parts(of: module, adapters), module: module.path, inputs: module.inputs,
        outputs: module.outputs, rank: plan.rank)
      try writer.write(module.path, a: down.span, b: up.span)
    }
    try writer.finish()
    try folder.publish()
  }

  struct Plan {
    var modules: [AdapterDirectory.Module]
    var rank: Int
    var configuration: AdapterConfiguration
  }

  /// Checks that the adapters fit each other; modules stand in the order in which adapters first have them.
  func plan(_ adapters: [AdapterDirectory]) throws(AdapterFault) -> Plan {
    guard let first = adapters.first, weights.count == adapters.count else { throw .nothing }
    if method.needsDensity, density == nil { throw .missingDensity(method: method.rawValue) }
    var modules: [AdapterDirectory.Module] = []
    for adapter in adapters {
      if let whole = adapter.wholeTensors.first {
        throw .wholeTensors(adapter: adapter.path, name: whole.name)
      }
      for module in adapter.modules {
        guard let known = modules.first(where: { $0.path == module.path }) else {
          modules.append(module)
          continue
        }
        guard known.inputs == module.inputs, known.outputs == module.outputs else {
          throw .unequalShapes(
            module: module.path, first: [known.outputs, known.inputs],
            found: [module.outputs, module.inputs], adapter: adapter.path)
        }
      }
    }
    let ranks = adapters.map { $0.modules.map(\.rank).max() ?? 1 }
    let isUniform = adapters.allSatisfy { adapter in
      adapter.modules.allSatisfy { $0.rank == ranks[0] }
    }
    if method != .cat, !method.isDecomposed, !isUniform {
      throw .unequalRanks(method: method.rawValue, ranks: ranks)
    }
    let rank =
      method == .cat
      ? ranks.reduce(0, +) : method.isDecomposed ? self.rank ?? ranks.max() ?? 1 : ranks[0]
    var configuration = first.configuration
    configuration.r = rank
    // α = r: the scales are in the matrices.
    configuration.loraAlpha = Double(rank)
    configuration.useRSLoRA = false
    configuration.rankPattern = []
    configuration.alphaPattern = []
    configuration.targetModules = .names(Self.targets(modules.map(\.path)))
    return Plan(modules: modules, rank: rank, configuration: configuration)
  }

  /// The last parts of modules' paths, once each.
  static func targets(_ paths: [String]) -> [String] {
    var names: [String] = []
    for path in paths {
      let name = String(path.split(separator: ".").last ?? "")
      if !names.contains(name) { names.append(name) }
    }
    return names
  }

  private func parts(
    of module: AdapterDirectory.Module, _ adapters: [AdapterDirectory]
  ) throws -> [Part] {
    var parts: [Part] = []
    for (index, adapter) in adapters.enumerated() {
      guard let own = adapter.modules.first(where: { $0.path == module.path }) else { continue }
      parts.append(
        Part(
          down: try adapter.tensors.floats(own.aKey), up: try adapter.tensors.floats(own.bKey),
          rank: own.rank, scale: try adapter.scale(of: own), weight: weights[index], index: index))
    }
    return parts
  }
}
