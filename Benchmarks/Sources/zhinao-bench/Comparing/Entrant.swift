import Glibc

/// One way to do a row's work.
struct Entrant: Hashable, Codable {
  enum Side: String, Codable {
    case ours
    case peer
  }

  var side: Side
  var precision: WorkPrecision

  /// Both sides in float32; in bfloat16 the peer where the machine multiplies it, and ours everywhere: without
  /// instructions for it products are those of block floating point.
  static func all(of row: Row, on machine: Machine) -> [Entrant] {
    let precisions: [WorkPrecision] = row.model == .quantized ? [.float32] : [.float32, .bfloat16]
    return precisions.flatMap { precision in
      let hasPeer =
        row.script != nil && (precision == .float32 || machine.multipliesBrainFloats)
      return [Entrant(side: .ours, precision: precision)]
        + (hasPeer ? [Entrant(side: .peer, precision: precision)] : [])
    }
  }

  /// The program and its words, for one turn.
  func command(_ row: Row, _ turn: Turn, _ places: Places) -> [String] {
    let threads = row.threads ?? turn.threads
    let words =
      [row.work.rawValue, "--model", places.path(of: row.model)] + row.words + [
        "--threads", "\(threads)", "--precision", precision.rawValue, "--ranks", "\(row.ranks)",
        "--reps", "\(turn.repetitions)", "--warmup", "\(turn.warmup)", "--quiet", "\(turn.quiet)",
      ] + (row.work == .ragged ? ["--rows", turn.rows, "--skip", "\(turn.skippedSteps)"] : [])
    switch side {
    case .ours: return launcher(row.ranks) + [places.program, "work"] + words + row.ownWords
    case .peer:
      let program =
        row.ranks > 1
        ? ["\(places.environment)/bin/torchrun", "--nproc-per-node", "\(row.ranks)"]
        : [places.python]
      return program + [places.script(row.script ?? "")] + words
    }
  }

  private func launcher(_ ranks: Int) -> [String] {
    guard ranks > 1 else { return [] }
    let asRoot = geteuid() == 0 ? ["--allow-run-as-root"] : []
    return ["mpirun", "-n", "\(ranks)", "--bind-to", "none", "--oversubscribe"] + asRoot
  }
}

/// How one process of a side is run.
struct Turn {
  /// Which turn of its row, from 0.
  var index: Int
  var threads: Int
  var repetitions: Int
  var warmup: Int
  /// Seconds that each repetition waits for a quiet machine.
  var quiet: Double
  /// The file of token rows.
  var rows: String

  /// Each turn learns from rows of its own.
  var skippedSteps: Int { index * (repetitions + warmup) }
}
