import Checkpoints
import JSON

extension MergePlan {
  /// `README.md`: what the model is made of and how, for people and for Hugging Face's pages; no dates, no machines.
  func card() -> String {
    var lines = ["---", "library_name: transformers", "tags: [merge]"]
    lines.append("base_model:")
    for path in configuration.modelPaths { lines.append("  - \(JSON.string(path).serialized())") }
    lines += [
      "---", "", "# A merge of models", "",
      "Made with zhinao-align by `\(method.name)`: \(method.summary).", "",
    ]
    let parameters = tensors.reduce(0) { $0 &+ $1.information.elementCount }
    lines.append("\(tensors.count) tensors, \(parameters) parameters.")
    lines += ["", "| | model | architecture | SHA-256 |", "|---|---|---|---|"]
    for model in models {
      let role = model.name == configuration.base ? "base" : "model"
      let architecture = model.config["model_type"]?.string ?? ""
      let digest = digests[model.name].map { "`\($0)`" } ?? ""
      lines.append("| \(role) | `\(model.name)` | \(architecture) | \(digest) |")
    }
    lines += section("Configuration", configuration.yaml)
    for model in models {
      if let history = model.history {
        lines += section("What `\(model.name)` was made of", history)
      }
    }
    if let vocabulary { lines += tokens(vocabulary) }
    return lines.joined(separator: "\n") + "\n"
  }

  private func section(_ title: String, _ yaml: String) -> [String] {
    var lines = yaml.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    while lines.last?.isEmpty == true { lines.removeLast() }
    return ["", "## \(title)", "", "```yaml"] + lines + ["```"]
  }

  private func tokens(_ report: VocabularyReport) -> [String] {
    [
      "", "## Tokens", "",
      "\(report.tokenCount) tokens in \(report.rowCount) rows; \(report.decisions.count) are not in every model.",
    ]
  }
}
