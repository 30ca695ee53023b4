import JSON

extension MergePlan {
  /// What stands beside the weights: configuration, tokenizer, template, how it was made.
  func writeCompanions(into folder: borrowing PublishedFolder) throws {
    try folder.write(outputConfig.serialized(.pretty) + "\n", name: "config.json")
    for file in outputFiles {
      switch file.content {
      case .text(let text): try folder.write(text, name: file.name)
      case .file(let path): try folder.copy(path, name: file.name)
      }
    }
    try folder.write(configuration.yaml, name: "mergekit_config.yml")
    try folder.write(card(), name: "README.md")
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
