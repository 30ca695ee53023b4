import ArgumentParser
import Checkpoints
import Kernels
import Merging
import Pipeline

/// `zhinao-align extract-lora`.
struct ExtractLora: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "extract-lora",
    abstract: "Makes a PEFT adapter of the difference of a model and its base.",
    discussion: """
      Each linear layer's difference is cut off after its largest singular values; no adapter of that \
      rank is nearer. Norms and embeddings that differ go along whole.
      """)

  @Option(help: "The model to be extracted from.")
  var model: String

  @Option(help: "The model that it was trained from.")
  var base: String

  @Option(help: "The folder to make.")
  var output: String

  @Option(help: "The most singular values of a layer that are kept.")
  var rank = 32

  @Option(
    help: "As few values are kept as hold this share of a layer's squared difference, from 0 to 1.")
  var energy = 1.0

  @Flag(
    inversion: .prefixedNo,
    help: "Compares the base with the adapter beside it to the model, by their logits.")
  var proof = true

  func validate() throws {
    guard (1...65536).contains(rank) else {
      throw ValidationError("--rank is from 1 to 65536, found \(rank)")
    }
    guard energy > 0, energy <= 1 else {
      throw ValidationError("--energy is a share above 0 and at most 1, found \(energy)")
    }
  }

  func run() throws {
    var extraction = AdapterExtraction()
    extraction.rank = rank
    extraction.energy = energy
    let result: AdapterExtraction.Result
    do {
      var line = StatusLine()
      defer { line.clear() }
      result = try extraction.write(model: model, base: base, to: output) { done, total in
        guard Console.isLive else { return }
        line.show(" ▶ extract  \(done)/\(total)", now: .now, isUrgent: done == total)
      }
    } catch let fault as AdapterFault {
      throw Failure(.badInput, "\(fault)")
    }
    let errors = result.layers.map(\.error)
    let whole = result.wholeTensors.count
    Console.result(
      "\(output): \(Amount.count(result.layers.count, "layer")) of rank "
        + "\(result.layers.map(\.rank).min() ?? 0) to \(result.layers.map(\.rank).max() ?? 0), "
        + "‖δ − BA‖ at most \(MergeLooking.short(errors.max() ?? 0)) of ‖δ‖"
        + (whole > 0 ? "; \(Amount.count(whole, "tensor")) whole" : ""))
    guard proof else { return }
    try AdapterProving(base: base, adapter: AdapterDirectory(path: output)).run(
      tuned: model, Compute(threads: MachineLimits.threads()))
  }
}
