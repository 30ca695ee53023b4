import Checkpoints
import Foundation
import JSON
import Testing

@testable import Merging

extension Fixture {
  /// A model of two layers with an embedding of a row for each token; row i of model m is [m, i].
  func speaking(
    _ name: String, value: Float, tokens: [String], special: [String] = [], merges: [String] = [],
    rows: Int? = nil, isTied: Bool = true, template: String? = nil, hidden: Int = 2
  ) throws {
    let all = tokens + special
    let count = rows ?? all.count
    let embedding = (0..<count).flatMap { row in
      [value] + (1..<hidden).map { _ in Float(row) }
    }
    var tensors: [(name: String, shape: [Int], values: [Float])] = [
      ("model.embed_tokens.weight", [count, hidden], embedding),
      (
        "model.layers.0.mlp.up_proj.weight", [hidden, hidden],
        Array(repeating: value, count: hidden * hidden)
      ),
      (
        "model.layers.1.mlp.up_proj.weight", [hidden, hidden],
        Array(repeating: value, count: hidden * hidden)
      ),
      ("model.norm.weight", [hidden], Array(repeating: value, count: hidden)),
    ]
    if !isTied { tensors.append(("lm_head.weight", [count, hidden], embedding.map { -$0 })) }
    try model(name, tensors)
    try write(
      """
      {"model_type": "llama", "num_hidden_layers": 2, "vocab_size": \(count),
       "tie_word_embeddings": \(isTied), "eos_token_id": \(all.count - 1), "bos_token_id": null}
      """, "\(name)/config.json")
    let vocabulary = all.enumerated().map { "\"\($1)\": \($0)" }.joined(separator: ", ")
    let added = special.enumerated().map { index, token in
      #"{"id": \#(tokens.count + index), "content": "\#(token)", "special": true}"#
    }
    try write(
      """
      {"added_tokens": [\(added.joined(separator: ", "))], "pre_tokenizer": null,
       "model": {"type": "BPE", "vocab": {\(vocabulary)},
                 "merges": [\(merges.map { "\"\($0)\"" }.joined(separator: ", "))]}}
      """, "\(name)/tokenizer.json")
    if let template {
      try write(
        #"{"chat_template": "\#(template)", "eos_token": "x"}"#, "\(name)/tokenizer_config.json")
    }
  }

  func plan(_ yaml: String) throws -> MergePlan {
    try MergePlan(MergeConfiguration(yaml: yaml, file: "m.yml"), relativeTo: path)
  }

  /// A tensor of a merge.
  func values(_ plan: MergePlan, _ name: String) throws -> [Float] {
    try plan.values(of: #require(plan.tensors.first { $0.information.name == name }))
  }
}
