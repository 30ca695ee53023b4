import ArgumentParser
import Artifacts
import Checkpoints
import Kernels
import Merging
import Pipeline
import Suggestions

/// `merge --method … ADAPTER:WEIGHT …`: several adapters as one, PEFT's ways.
struct AdapterCombining {
  private let method: AdapterCombination.Method
  private let adapters: [AdapterDirectory]
  private let weights: [Double]

  /// Nil unless every model is an adapter.
  init?(_ method: String, _ models: [(path: String, weight: Double?)]) throws {
    guard models.allSatisfy({ AdapterDirectory.isAdapter(path: $0.path) }) else {
      if models.contains(where: { AdapterDirectory.isAdapter(path: $0.path) }) {
        throw Failure(
          .usage,
          "adapters and models cannot be merged with each other: write BASE+ADAPTER for a model")
      }
      return nil
    }
    guard let known = AdapterCombination.Method(rawValue: method) else {
      let names = AdapterCombination.Method.allCases.map(\.rawValue)
      throw Failure(
        .badInput,
        "adapters cannot be combined by \(method); there is \(names.joined(separator: ", "))"
          + didYouMean(method, among: names))
    }
    self.method = known
    adapters = try models.map { try AdapterDirectory(path: $0.path) }
    weights = models.map { $0.weight ?? 1 }
  }

  func run(
    output: String, base: String?, density: Double?, settings: [String], seed: UInt64
  ) throws {
    var combination = AdapterCombination(method, weights: weights)
    combination.density = density
    combination.seed = seed
    for text in settings {
      switch try Merge.setting(text) {
      case ("rank", .scalar(let rank)) where rank >= 1 && rank <= 65536:
        combination.rank = Int(rank)
      case ("majority_sign_method", .word("frequency")): combination.electsByFrequency = true
      case ("majority_sign_method", .word("total")): combination.electsByFrequency = false
      default:
        throw Failure(
          .usage,
          "--set \(text): of adapters there is rank=NUMBER and majority_sign_method=total|frequency"
        )
      }
    }
    do {
      try combination.write(adapters, to: output)
    } catch let fault as AdapterFault {
      throw Failure(.badInput, "\(fault)")
    }
    Console.result(
      "\(output): \(Amount.count(adapters.count, "adapter")) combined by \(method.rawValue)")
    if let base {
      let combined = try AdapterDirectory(path: output)
      let names = try combined.modules.filter { module in
        try combined.tensors.floats(module.bKey).contains { $0 != 0 }
      }
      Console.talk("\(names.count) of \(combined.modules.count) modules change \(base)")
    }
  }
}
