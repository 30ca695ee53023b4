extension TensorFault: CustomStringConvertible {
  public var description: String {
    switch self {
    case .missing(let tensor, let model, let present):
      "\(tensor) is in \(present) and not in \(model): only models of one architecture can be merged"
    case .shape(let tensor, let model, let found, let other, let expected):
      "\(tensor) is \(found) in \(model) and \(expected) in \(other)"
        + Self.remedy(tensor, found, expected)
    case .notFloats(let tensor, let model, let type):
      "\(tensor) is \(type) in \(model): only floats can be merged; take the model before it was quantized"
    case .noLayers(let model): "\(model) has no tensors of layers, which a layer_range needs"
    case .layerRange(let model, let found, let layers):
      "\(model) has \(layers) layers, so that \(found.lowerBound) to \(found.upperBound) are not there"
    case .architecture(let model, let key, let found, let other, let expected):
      "\(key) is \(found) in \(model) and \(expected) in \(other): weights of the one mean nothing in the "
        + "other (--allow-crimes merges them all the same)"
    case .layerCount(let model, let found, let expected):
      "\(model) says in config.json that it has \(expected) layers, and has weights of \(found): "
        + "fetch the model again, or correct num_hidden_layers"
    case .vocabulary(let model, let other, let example):
      "\(model) and \(other) do not have the same tokens (\(example)), so that rows of their embeddings "
        + "do not belong together: say with \"tokenizer: {source: union}\" or \"{source: base}\" which the result has"
    case .noModule(let tensor):
      "\(tensor) belongs to no module of the configuration; \"default\" holds every tensor"
    }
  }

  /// Of tensors with a row for each token, when only the number of rows differs.
  private static func remedy(_ tensor: String, _ found: [Int], _ expected: [Int]) -> String {
    let role = TensorPlace(name: tensor, depth: 0).role
    if role == "embed" || role == "lm_head", found.dropFirst() == expected.dropFirst() {
      return
        ": say with \"tokenizer: {source: union}\" or \"{source: base}\" which tokens the result has"
    }
    return ": only models of one shape can be merged"
  }
}
