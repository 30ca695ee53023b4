import Checkpoints

/// Goes through the output's tensors and gathers what they are made of and what is wrong.
struct MergePlanner {
  let configuration: MergeConfiguration
  let method: any MergeMethod
  private let models: [OpenedModel]
  var tensors: [PlannedTensor] = []
  var tensorFaults: [TensorFault] = []
  var configurationFaults: [ConfigurationFault] = []
  var notes: [String] = []
  private(set) var layerCount: Int?
  /// The one that is being planned.
  private var module = MergeConfiguration.Module(slices: [])

  init(
    _ configuration: MergeConfiguration, _ method: any MergeMethod, _ models: [OpenedModel]
  ) {
    self.configuration = configuration
    self.method = method
    self.models = models
  }

  mutating func plan() {
    noteIgnoredBase()
    for module in configuration.modules {
      self.module = module
      let isSliced = module.slices.contains { $0.sources.contains { $0.layers != nil } }
      if isSliced {
        planSliced(module)
      } else if let slice = module.slices.first {
        planWhole(slice)
      }
    }
    if let template = models.first, configuration.modules.contains(where: { $0.name != nil }) {
      for tensor in template.weights.tensors
      where !configuration.modules.contains(where: { $0.holds(tensor.name) }) {
        tensorFaults.append(.noModule(tensor: tensor.name))
      }
    }
    reportUnusedFilters()
  }

  /// Every tensor of the first model, in its order; a tensor that only another has is a mistake.
  private mutating func planWhole(_ slice: MergeConfiguration.Slice) {
    guard let template = models.first else { return }
    for tensor in template.weights.tensors where module.holds(tensor.name) {
      let last = max(1, template.layerCount - 1)
      let layer = LayerName(tensor.name)?.layer
      // A model of one layer is at the end of its gradient, as in mergekit.
      let depth = layer.map { template.layerCount == 1 ? 1 : Double($0) / Double(last) } ?? 0
      add(slice, TensorPlace(name: tensor.name, depth: depth)) { _ in tensor.name }
    }
    for other in models.dropFirst() {
      for tensor in other.weights.tensors
      where module.holds(tensor.name) && template.information(tensor.name) == nil {
        tensorFaults.append(
          .missing(tensor: tensor.name, model: template.name, present: other.name))
      }
    }
  }

  /// What comes before the layers from the first slice, the slices one on another, the rest from the last slice.
  private mutating func planSliced(_ module: MergeConfiguration.Module) {
    guard let first = module.slices.first, let last = module.slices.last else { return }
    for slice in module.slices {
      for source in slice.sources {
        guard let range = source.layers, let model = opened(source.model) else { continue }
        if model.layerCount == 0 { tensorFaults.append(.noLayers(model: model.name)) }
        if range.upperBound > model.layerCount {
          tensorFaults.append(
            .layerRange(model: model.name, found: range, layers: model.layerCount))
        }
      }
    }
    guard tensorFaults.isEmpty, let template = models.first else { return }
    let outside = template.weights.tensors.map(\.name).filter {
      LayerName($0) == nil && module.holds($0)
    }
    let isFirst = { (name: String) in TensorPlace(name: name, depth: 0).role == "embed" }
    for name in outside where isFirst(name) {
      add(first, TensorPlace(name: name, depth: 0)) { _ in name }
    }
    var output = 0
    for slice in module.slices {
      output = planLayers(of: slice, from: output)
    }
    for name in outside where !isFirst(name) {
      add(last, TensorPlace(name: name, depth: 0)) { _ in name }
    }
    layerCount = output
  }

  private mutating func planLayers(of slice: MergeConfiguration.Slice, from start: Int) -> Int {
    guard let source = slice.sources.first, let range = source.layers,
      let model = opened(source.model)
    else { return start }
    for (step, layer) in range.enumerated() {
      let depth = range.count == 1 ? 1 : Double(step) / Double(range.count - 1)
      for tensor in model.weights.tensors {
        guard let name = LayerName(tensor.name), name.layer == layer, module.holds(tensor.name)
        else { continue }
        let place = TensorPlace(name: name.name(layer: start + step), depth: depth)
        // The base has no range of its own: it lends the layers of the first source.
        add(slice, place) { name.name(layer: ($0?.layers ?? range).lowerBound + step) }
      }
    }
    return start + range.count
  }

  private func opened(_ name: String) -> OpenedModel? { models.first { $0.name == name } }

  /// Plans one tensor of the output; `origin` says its name in a source, and in the base if there is no source.
  private mutating func add(
    _ slice: MergeConfiguration.Slice, _ place: TensorPlace,
    origin: (MergeConfiguration.Source?) -> String
  ) {
    let sources = configuration.mergedSources(of: slice, method)
    let baseName = slice.base ?? configuration.base
    let listed = slice.sources.first { $0.model == baseName }
    let base = method.base == .model ? nil : baseName
    var origins = sources.map { PlannedTensor.Origin(model: $0.model, tensor: origin($0)) }
    let baseOrigin = base.map { PlannedTensor.Origin(model: $0, tensor: origin(listed)) }
    if let baseOrigin { origins.insert(baseOrigin, at: 0) }

    guard let found = information(of: origins) else { return }
    guard let parameters = resolve(slice, sources, place) else { return }
    let stored = origins.first.flatMap { opened($0.model)?.storedType(found) }
    let type = found.elementType.isConvertibleToFloat ? configuration.elementType ?? stored : nil
    let copied = found.elementType.isConvertibleToFloat ? nil : origins.first
    tensors.append(
      PlannedTensor(
        information: TensorInformation(
          name: place.name, elementType: type ?? found.elementType, shape: found.shape),
        base: baseOrigin, models: Array(origins.dropFirst(baseOrigin == nil ? 0 : 1)),
        parameters: parameters, copied: copied))
    if copied == nil, let reason = method.objection(to: parameters) {
      configurationFaults.append(
        ConfigurationFault(
          .objection(tensor: place.name, reason: reason), at: configuration.methodPosition))
    }
  }

  /// The first origin's type and shape, if all have that shape.
  private mutating func information(of origins: [PlannedTensor.Origin]) -> TensorInformation? {
    var first: TensorInformation?
    for origin in origins {
      guard let found = opened(origin.model)?.information(origin.tensor) else {
        let present = origins.first { opened($0.model)?.information($0.tensor) != nil }
        tensorFaults.append(
          .missing(
            tensor: origin.tensor, model: origin.model, present: present?.model ?? "the first model"
          ))
        return nil
      }
      guard let expected = first else {
        first = found
        continue
      }
      if found.shape != expected.shape {
        tensorFaults.append(
          .shape(
            tensor: origin.tensor, model: origin.model, found: found.shape,
            other: origins[0].model, expected: expected.shape))
        return nil
      }
      if found.elementType.isConvertibleToFloat != expected.elementType.isConvertibleToFloat {
        tensorFaults.append(
          .notFloats(
            tensor: origin.tensor, model: origin.model, elementType: found.elementType.rawValue))
        return nil
      }
    }
    return first
  }
}

extension MergePlanner {
  /// The value of every parameter for one tensor: a source's own before its slice's before the configuration's.
  private mutating func resolve(
    _ slice: MergeConfiguration.Slice, _ sources: [MergeConfiguration.Source], _ place: TensorPlace
  ) -> ResolvedParameters? {
    var resolved = ResolvedParameters(shared: [], perModel: [])
    for parameter in method.parameters {
      let outer = [slice.parameters, module.parameters, configuration.parameters]
      if parameter.isPerModel {
        var values: [Double] = []
        for source in sources {
          guard let value = value(of: parameter, in: [source.parameters] + outer, place) else {
            missing(parameter, source)
            return nil
          }
          values.append(value)
        }
        resolved.perModel.append((parameter.name, values))
      } else {
        // mergekit also reads shared parameters that stand beside a model.
        let levels = sources.map(\.parameters) + outer
        guard let value = value(of: parameter, in: levels, place) else {
          missing(parameter, nil)
          return nil
        }
        resolved.shared.append((parameter.name, value))
      }
    }
    return resolved
  }

  private func value(
    of parameter: MergeParameter, in levels: [[MergeConfiguration.Setting]], _ place: TensorPlace
  ) -> Double? {
    for level in levels {
      for setting in level where setting.name == parameter.name {
        if let value = setting.value.resolved(for: place).flatMap(parameter.number) { return value }
      }
    }
    return parameter.standard
  }

  /// Reports a missing parameter once, not for every tensor.
  private mutating func missing(_ parameter: MergeParameter, _ source: MergeConfiguration.Source?) {
    let fault = ConfigurationFault(
      .missingParameter(parameter.name, method: method.name, model: source?.model),
      at: source?.position ?? configuration.methodPosition)
    if !configurationFaults.contains(fault) { configurationFaults.append(fault) }
  }
}
