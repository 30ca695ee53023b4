import Artifacts
import Checkpoints
import Collectives
import Datasets
import Pipeline
import Profiling
import Transformers

/// Log-probabilities of fixed sequences under a fixed model, computed once by all ranks.
struct ReferenceLogProbabilities {
  let session: TrainingSession
  /// Tokens in one pass.
  let tokenBudget: Int

  /// Per sequence, the log-probability of each target.
  func values(
    of sequences: [TargetSequence], under transformer: Transformer, usesAdapter: Bool = true,
    temperature: Float = 1
  ) throws -> [[Float]] {
    try values(of: sequences) { group in
      transformer.logProbabilities(of: group, temperature: temperature, usesAdapter: usesAdapter)
        .values
    }
  }

  /// Per sequence, a number of each target that `pass` gives for any few of the sequences.
  ///
  /// A sequence's numbers are the same bits alone and in any batch, so neither the budget nor the
  /// number of ranks shows in them.
  func values(
    of sequences: [TargetSequence], pass: ([TargetSequence]) -> [[Float]]
  ) throws -> [[Float]] {
    let groups = MicroBatches.compose(
      lengths: sequences.map(\.tokens.count), tokenBudget: tokenBudget)
    let own = SummationTree.leafRange(
      count: groups.count, rank: session.communicator.rank, size: session.communicator.size)
    let flat = Profiler.measure(.reference) {
      groups[own].flatMap { group in
        pass(group.map { sequences[$0] }).joined().map(Double.init)
      }
    }
    let all = try session.communicator.allGather(doubles: flat).flatMap { $0 }
    var next = 0
    return sequences.map { sequence in
      defer { next += sequence.targets.count }
      return all[next..<next + sequence.targets.count].map(Float.init)
    }
  }
}

/// Reference log-probabilities as a file, which knows of which tokens they are.
enum ReferenceFile {
  private static let name = "reference"
  private static let tensor = "log_probabilities"

  /// Writes the numbers of some sequences into a folder.
  static func write(_ values: [[Float]], of sequences: [TargetSequence], to folder: String) throws {
    let all = values.flatMap { $0 }
    let writer = try SafetensorsWriter(
      folder: folder, baseName: name,
      tensors: [TensorInformation(name: tensor, elementType: .float32, shape: [all.count])],
      metadata: [("sequences", "\(sequences.count)"), ("tokens", digest(of: sequences).hex)],
      shardLimit: .max)
    try writer.write(tensor, all.span)
    try writer.finish()
  }

  /// The numbers of these very sequences.
  ///
  /// - Throws: `BadInput` where the file is of other tokens.
  static func read(_ folder: String, for sequences: [TargetSequence]) throws -> [[Float]] {
    let path = "\(folder)/\(name).safetensors"
    let file = try SafetensorsFile(path: path)
    let said = file.metadata.first { $0.key == "tokens" }?.value
    let count = sequences.reduce(0) { $0 + $1.targets.count }
    guard said == digest(of: sequences).hex, file.information(tensor)?.elementCount == count else {
      throw BadInput(
        "\(path) has log-probabilities of other tokens than this stage's data give: they are of other "
          + "rows, or of another tokenizer, template, format or max_length")
    }
    let all = try file.floats(tensor)
    var next = 0
    return sequences.map { sequence in
      defer { next += sequence.targets.count }
      return Array(all[next..<next + sequence.targets.count])
    }
  }

  /// Of the ids and of which of them are answers.
  private static func digest(of sequences: [TargetSequence]) -> Digest {
    var bytes: [UInt8] = []
    func add(_ number: Int) {
      let number = UInt32(truncatingIfNeeded: number)
      for shift in [0, 8, 16, 24] as [UInt32] {
        bytes.append(UInt8(truncatingIfNeeded: number >> shift))
      }
    }
    for sequence in sequences {
      add(sequence.tokens.count)
      add(sequence.targets.first ?? 0)
      add(sequence.targets.count)
      for token in sequence.tokens { add(Int(token)) }
    }
    return Digest.of(bytes)
  }
}
