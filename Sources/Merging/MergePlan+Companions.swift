import Checkpoints
import Glibc
import JSON
import OrderedCollections

extension MergePlan {
  /// What stands beside the weights: configuration, tokenizer, template, how it was made.
  func writeCompanions(into folder: borrowing PublishedFolder) throws {
    guard let template else { return }
    try folder.write(outputConfig(template).serialized(.pretty) + "\n", name: "config.json")
    for name in template.directory.companionFiles {
      guard let path = template.directory.file(name) ?? nestedPath(name, template) else { continue }
      try folder.copy(path, name: name)
    }
    try folder.write(configuration.yaml, name: "mergekit_config.yml")
    try folder.write(card(), name: "README.md")
  }

  /// `vocab/360.tiktoken` stands in a folder of its own.
  private func nestedPath(_ name: String, _ template: OpenedModel) -> String? {
    name.contains("/") ? "\(template.directory.path)/\(name)" : nil
  }

  /// The template's configuration, with the layers and the type that the output has.
  private func outputConfig(_ template: OpenedModel) -> JSON {
    guard var fields = template.directory.config.object else { return template.directory.config }
    if let layerCount {
      for key in ["num_hidden_layers", "n_layer", "num_layers"] where fields[key] != nil {
        fields[key] = .integer(layerCount)
      }
      // Lists over layers would have the old length.
      if fields["layer_types"] != nil { fields["layer_types"] = nil }
    }
    if let type = configuration.elementType {
      let key = fields["dtype"] == nil && fields["torch_dtype"] != nil ? "torch_dtype" : "dtype"
      fields[key] = .string(MergeConfiguration.name(of: type))
    }
    return .object(fields)
  }

  private func card() -> String {
    var lines = [
      "---", "library_name: transformers", "tags: [merge]", "---", "", "# A merge of models", "",
      "Made with zhinao-align by `\(method.name)`: \(method.summary).", "",
    ]
    if let base = configuration.base { lines.append("- base: `\(base)`") }
    for path in configuration.modelPaths where path != configuration.base {
      lines.append("- model: `\(path)`")
    }
    lines += ["", "Configuration:", "", "```yaml"]
    lines += configuration.yaml.split(separator: "\n", omittingEmptySubsequences: false).map(
      String.init)
    while lines.last?.isEmpty == true { lines.removeLast() }
    return (lines + ["```"]).joined(separator: "\n") + "\n"
  }
}
