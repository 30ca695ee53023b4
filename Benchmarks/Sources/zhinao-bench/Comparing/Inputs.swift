import Foundation
import Kernels

/// What rows need before they can be measured; made once and kept.
struct Inputs {
  let places: Places
  let tell: (String) -> Void

  /// Installs the peer and makes the network of random weights, where they are not there yet.
  func prepare(for rows: [Row], oursOnly: Bool) throws {
    let needsLlama = rows.contains { $0.model == .quantized }
    let needsModel = rows.contains { $0.model == .smol }
    let hasModel = FileManager.default.fileExists(
      atPath: "\(places.path(of: .smol))/tokenizer.json")
    if needsLlama || needsModel && !hasModel || !rows.isEmpty && !oursOnly {
      tell("the peer's Python environment: \(places.environment)")
      try run(
        [places.script("install"), places.environment] + (needsLlama ? ["llama"] : []))
    }
    if needsModel, !hasModel {
      tell("a network of SmolLM2-135M's shape: \(places.path(of: .smol))")
      try run([places.python, places.script("make_model.py"), places.path(of: .smol)])
    }
  }

  /// The token rows of a data set, made anew for each run: they are few.
  func rows(for rows: [Row], data: String?, tokenizer: String?) throws -> String {
    let path = "\(places.cache)/rows.jsonl"
    guard rows.contains(where: { $0.work == .ragged }) else { return path }
    let said = try run([
      places.program, "rows", data ?? "\(places.repository)/data/nano/sft.jsonl", path,
      "--tokenizer", tokenizer ?? places.path(of: .nano),
    ])
    tell(said.trimmingCharacters(in: .whitespacesAndNewlines))
    return path
  }

  var versions: [String: String] {
    let commit = try? run(["git", "-C", places.repository, "rev-parse", "--short", "HEAD"])
    return [
      "zhinao-align": commit?.trimmingCharacters(in: .whitespacesAndNewlines) ?? "unknown",
      "kernels": Compute.kernelClass(bfloat16: true),
    ]
  }
}
