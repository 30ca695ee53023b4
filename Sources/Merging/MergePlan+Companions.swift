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
}
