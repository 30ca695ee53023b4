import ArgumentParser
import Kernels

/// What can be said of a piece of work; the peer's scripts take the same words.
struct WorkOptions: ParsableArguments {
  @Option(help: "A model's folder or GGUF file.")
  var model: String

  @Option(help: "Threads of this process.")
  var threads = 2

  @Option(help: "What products multiply: float32 or bfloat16.")
  var precision = WorkPrecision.float32

  @Option(
    help: "What generation keeps weights in: float32, bfloat16, int8 or int4.",
    transform: { text in
      guard let format = PackedWeights.Format(rawValue: text) else {
        throw ValidationError("\(text) is none of float32, bfloat16, int8 and int4")
      }
      return format
    })
  var weights = PackedWeights.Format.float32

  @Option(help: "Rows, pairs or prompts in a step.")
  var batch = 4

  @Option(help: "Tokens of a prompt.")
  var prompt = 128

  @Option(help: "Tokens of an answer; of a whole sequence where there is no prompt.")
  var answer = 128

  @Option(help: "Answers to each prompt.")
  var samples = 1

  @Option(help: "A file of token rows, as the command `rows` writes it.")
  var rows: String?

  @Option(help: "Steps of that file to leave out.")
  var skip = 0

  @Flag(help: "Trains every weight where the work would train an adapter.")
  var full = false

  @Option(help: "Processes that share the work, started by mpirun.")
  var ranks = 1

  @Option(help: "Repetitions.")
  var reps = 5

  @Option(help: "Steps before the first repetition.")
  var warmup = 2

  @Flag(
    help:
      "Tells on standard error what the repetitions' time went into; of several ranks, the first's."
  )
  var profile = false

  @Option(help: "Seconds to wait for a quiet machine before each repetition.")
  var quiet = 0.0
}

/// What is multiplied, under one name for both sides.
enum WorkPrecision: String, Codable, CaseIterable, ExpressibleByArgument {
  case float32
  case bfloat16

  var ofKernels: Precision { self == .bfloat16 ? .bfloat16 : .float32 }
}
