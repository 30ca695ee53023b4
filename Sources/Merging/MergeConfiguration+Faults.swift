extension MergeConfiguration {
  /// What is wrong with this as a configuration of its method, whatever is in the models.
  public func faults() -> [ConfigurationFault] {
    guard let method = MergeMethods.named(self.method) else {
      let known = MergeMethods.all.map(\.name)
      return [ConfigurationFault(.unknownMethod(self.method, known: known), at: methodPosition)]
    }
    var faults: [ConfigurationFault] = []
    if method.base == .required, base == nil, slices.contains(where: { $0.base == nil }) {
      faults.append(ConfigurationFault(.missingBase(method: method.name), at: methodPosition))
    }
    for setting in parameters + modules.flatMap(\.parameters) { check(setting, method, &faults) }
    checkTokenizer(&faults)
    for slice in slices {
      for setting in slice.parameters { check(setting, method, &faults) }
      for source in slice.sources {
        for setting in source.parameters { check(setting, method, &faults) }
      }
      let models = mergedSources(of: slice, method).count
      if !method.modelCount.contains(models) {
        faults.append(
          ConfigurationFault(
            .wrongModelCount(method: method.name, found: models, expected: method.modelCount),
            at: slice.sources.first?.position ?? methodPosition))
      }
      if let wrong = slice.sources.first(where: {
        $0.layers?.count != slice.sources.first?.layers?.count
      }) {
        faults.append(
          ConfigurationFault(
            .unequalLayers(
              found: wrong.layers?.count ?? 0, expected: slice.sources.first?.layers?.count ?? 0),
            at: wrong.position))
      }
    }
    return faults
  }

  /// The tokenizer's and the template's names, as far as the configuration alone can tell.
  private func checkTokenizer(_ faults: inout [ConfigurationFault]) {
    var named: [(String, Position?)] = []
    if case .model(let name) = tokenizer?.source { named.append((name, tokenizer?.position)) }
    for token in tokenizer?.tokens ?? [] {
      switch token.source {
      case .model(let name), .token(let name, _), .row(let name, _):
        named.append((name, token.position))
      case .zero, nil: break
      }
    }
    let known = modelPaths
    for (name, position) in named where !known.contains(name) {
      faults.append(ConfigurationFault(.unknownModel(name, known: known), at: position))
    }
    guard let chatTemplate, !ChatTemplates.names.contains(chatTemplate.text),
      !ChatTemplates.isTemplate(chatTemplate.text)
    else { return }
    faults.append(
      ConfigurationFault(
        .unknownTemplate(chatTemplate.text, known: ChatTemplates.names), at: chatTemplate.position))
  }

  /// The sources that a method merges: without the base, unless for the method it is a model like the others.
  func mergedSources(of slice: Slice, _ method: any MergeMethod) -> [Source] {
    guard method.base != .model, let base = slice.base ?? base else { return slice.sources }
    return slice.sources.filter { $0.model != base }
  }

  private func check(
    _ setting: Setting, _ method: any MergeMethod, _ faults: inout [ConfigurationFault]
  ) {
    guard let parameter = method.parameters.first(where: { $0.name == setting.name }) else {
      let known = method.parameters.map(\.name)
      let others = MergeMethods.all.filter { $0.parameters.contains { $0.name == setting.name } }
      faults.append(
        ConfigurationFault(
          others.isEmpty
            ? .unknownParameter(setting.name, method: method.name, known: known)
            : .foreignParameter(setting.name, method: method.name, users: others.map(\.name)),
          at: setting.position))
      return
    }
    if let kind = parameter.mismatch(setting.value) {
      faults.append(ConfigurationFault(kind, at: setting.position))
    }
  }
}

extension ConfigurationFault.Kind {
  /// Whether it is a mistake whatever else was meant: no misspelt key elsewhere can be its cause.
  var standsAlone: Bool {
    switch self {
    case .unknownMethod, .unknownParameter, .foreignParameter, .wrongValue: true
    default: false
    }
  }
}

extension MergeParameter {
  /// What is wrong with a value as this parameter's; nil if nothing is.
  func mismatch(_ value: ParameterValue) -> ConfigurationFault.Kind? {
    switch value {
    case .scalar, .word:
      number(value) == nil ? wrong(value) : nil
    case .gradient(let points):
      points.lazy.compactMap { mismatch(.scalar($0)) }.first
    case .filtered(let entries):
      entries.lazy.compactMap { mismatch($0.value) }.first
    }
  }

  /// The number that a resolved value is for this parameter; nil if it is none.
  func number(_ value: ParameterValue) -> Double? {
    switch (kind, value) {
    case (.number(let range), .scalar(let number)): range.contains(number) ? number : nil
    case (.flag, .scalar(let number)): number == 0 || number == 1 ? number : nil
    case (.choice(let words), .word(let word)): words.firstIndex(of: word).map(Double.init)
    // true is the first choice and false "none": mergekit's flags have become choices.
    case (.choice, .scalar(1)): 0
    case (.choice(let words), .scalar(0)): words.firstIndex(of: "none").map(Double.init)
    default: nil
    }
  }

  private func wrong(_ value: ParameterValue) -> ConfigurationFault.Kind {
    let expected =
      switch kind {
      case .number where kind == Self.anyNumber: "a number"
      case .number(let range): "a number from \(range.lowerBound) to \(range.upperBound)"
      case .flag: "true or false"
      case .choice(let words): "one of " + words.joined(separator: ", ")
      }
    let found =
      switch value {
      case .scalar(let number): "\(number)"
      case .word(let word): "\"\(word)\""
      default: "a list"
      }
    return .wrongValue(key: name, found: found, expected: expected)
  }
}
