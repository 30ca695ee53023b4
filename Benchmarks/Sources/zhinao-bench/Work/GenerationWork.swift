import Kernels
import Transformers

/// Continues prompts: tokens are those of the answers, the prompts' pass is in the time.
struct GenerationWork: Workload {
  private let options: WorkOptions
  private let policy: Policy
  private let tokens: MadeTokens

  init(_ options: WorkOptions) throws {
    self.options = options
    let network = try ModelDirectory(path: options.model).loadForDecoding(
      compute: Compute(precision: options.precision.ofKernels, threads: options.threads),
      format: options.weights)
    policy = Policy(network, answer: options.answer)
    tokens = MadeTokens("generate", vocabulary: network.shape.vocabularySize)
  }

  mutating func step(_ index: Int) throws -> Int {
    let prompts = (0..<options.batch).map {
      tokens.row($0, step: index, count: options.prompt)
    }
    return try policy.answers(to: prompts, samples: options.samples, step: index)
      .reduce(0) { $0 + $1.count }
  }
}
