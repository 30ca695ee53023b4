import Artifacts
import Checkpoints
import Kernels
import Merging
import Pipeline
import Stages
import Transformers

/// Proves a merged model after it was written; what does not hold loses its name.
struct MergeProving {
  let folder: String

  func run(_ plan: MergePlan?) throws {
    do {
      let compute = Compute(threads: MachineLimits.threads())
      let proof = try MergeProof(
        path: folder, compute: compute, memory: MachineLimits(workspace: ".").memory ?? .max)
      var text = "every one of \(Amount.count(proof.elements, "number")) is finite"
      if let token = proof.token { text += "; loaded, and goes on with \"\(token.printable())\"" }
      if let note = proof.note { text += "; \(note)" }
      Console.talk(text)
      if proof.note == nil, let plan { try compare(plan, compute) }
    } catch {
      let failed = folder.hasSuffix("/") ? String(folder.dropLast()) : folder
      try? Files.remove("\(failed).failed")
      try? Files.move(failed, to: "\(failed).failed")
      let failure = Failure(error)
      throw Failure(failure.code, "\(failure.message)\nwhat was made is in \(failed).failed")
    }
  }

  /// A base with its adapter is compared with the two beside each other.
  private func compare(_ plan: MergePlan, _ compute: Compute) throws {
    let paths = plan.configuration.modelPaths
    guard paths.count == 1, let name = paths.first, !Files.exists(name),
      let plus = name.lastIndex(of: "+")
    else { return }
    let (base, adapter) = (String(name[..<plus]), String(name[name.index(after: plus)...]))
    guard Files.exists(base), AdapterDirectory.isAdapter(path: adapter) else { return }
    try AdapterProving(base: base, adapter: AdapterDirectory(path: adapter)).run(
      merged: folder, compute)
  }
}

/// Compares models with and without adapters, and says how far apart they are.
struct AdapterProving {
  let base: String
  let adapter: AdapterDirectory

  /// A merged model against its base with the adapter beside it: beyond the bound it is refused.
  func run(merged: String, _ compute: Compute) throws {
    let (origin, result) = (try ModelDirectory(path: base), try ModelDirectory(path: merged))
    let changed = try AdapterForward.changedCount(base: origin, merged: result, adapter: adapter)
    guard !result.isRewardModel,
      let beside = try AdapterForward.load(base: origin, adapter: adapter, compute: compute)
    else {
      Console.talk("\(changed) of \(adapter.modules.count) adapted tensors differ from the base's")
      return
    }
    let proof = AdapterProof(try result.load(compute: compute), beside, changed: changed)
    let type = try result.weights().tensors.first?.elementType ?? .float32
    say(proof, bound: AdapterProof.bound(type))
    guard proof.isWithin(type) else {
      throw Failure(
        .defect,
        "\(merged) gives other logits than \(base) with \(adapter.path): by \(proof.difference)")
    }
  }

  /// A base with an extracted adapter against the model that it was extracted from.
  func run(tuned: String, _ compute: Compute) throws {
    let (origin, model) = (try ModelDirectory(path: base), try ModelDirectory(path: tuned))
    guard !model.isRewardModel,
      let beside = try AdapterForward.load(base: origin, adapter: adapter, compute: compute)
    else { return }
    say(
      AdapterProof(beside, try model.load(compute: compute), changed: adapter.modules.count),
      bound: nil)
  }

  private func say(_ proof: AdapterProof, bound: Float?) {
    Console.talk(
      "\(proof.changed) of \(adapter.modules.count) adapted tensors differ from the base's; logits on "
        + "\(proof.probes) probes differ by at most \(proof.difference) of \(proof.largest)"
        + (bound.map { " (allowed: \($0 * proof.largest))" } ?? "")
        + ", the most likely token is the same on \(proof.agreeing)")
  }
}
