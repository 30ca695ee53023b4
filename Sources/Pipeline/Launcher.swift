internal import Glibc

/// How a worker is started: as a child, on mpirun's ranks, or by the recipe's own launcher.
public struct Launcher: StageRunner {
  public var launch: Launch
  /// The path of this program.
  public var program: String
  /// Told of each command before it is started.
  private let onStart: @Sendable (_ words: [String], _ environment: [String]) -> Void

  public init(
    launch: Launch, program: String = Launcher.thisProgram,
    onStart: @escaping @Sendable (_ words: [String], _ environment: [String]) -> Void = { _, _ in }
  ) {
    self.launch = launch
    self.program = program
    self.onStart = onStart
  }

  public static var thisProgram: String {
    guard let path = realpath("/proc/self/exe", nil) else { return CommandLine.arguments[0] }
    defer { free(path) }
    return String(cString: path)
  }

  /// The words of the command for an order with so many ranks.
  public func command(ranks: Int, order: String) -> [String] {
    let work = [program, "work", order]
    guard ranks > 1 || !launch.command.isEmpty && ranks == launch.ranks else { return work }
    if !launch.command.isEmpty {
      return launch.command.map { $0.replacing("{ranks}", with: "\(ranks)") } + work
    }
    // Without binding, threads of a rank would be held on one core where there are few ranks.
    return [
      "mpirun", "--allow-run-as-root", "--oversubscribe", "--bind-to", "none", "-n", "\(ranks)",
      "-x", "OMP_NUM_THREADS", "-x", "OPENBLAS_NUM_THREADS",
    ] + work
  }

  public func run(
    _ order: WorkOrder, kind: StageKind, log: String, report: (StageEvent) throws -> Void
  ) async throws {
    let path = "\(Launcher.directory(of: order.work))/order.json"
    let ranks = kind.usesRanks ? order.ranks : 1
    var words = command(ranks: ranks, order: path)
    if !kind.usesRanks { words = [program, "work", path] }
    let environment = [
      "OMP_NUM_THREADS=\(order.threads)", "OPENBLAS_NUM_THREADS=\(order.threads)",
    ]
    onStart(words, environment)
    var child = try ChildProcess(words, log: log, environment: environment)
    var failure: (code: Int, message: String)?
    var gate: GateClosed?
    let ending = try child.wait { line in
      guard let event = StageEvent(line: line) else { return gate == nil }
      if case .failure(let code, let message) = event {
        if failure == nil { failure = (code, message) }
      } else {
        do { try report(event) } catch let closed as GateClosed { gate = closed }
      }
      return gate == nil
    }
    if let gate { throw gate }
    try judge(ending, failure, stage: order.stage, log: log)
  }

  private func judge(
    _ ending: ChildProcess.Ending, _ failure: (code: Int, message: String)?, stage: String,
    log: String
  ) throws {
    if let failure {
      if failure.message == Worker.interruption { throw Interrupted() }
      throw PipelineError.stageFailed(
        stage: stage, ending: "failed", cause: failure.message, log: "",
        code: ExitCode(rawValue: failure.code) ?? .unfinished)
    }
    if ending.isSuccess { return }
    if StopSignal.isRaised { throw Interrupted() }
    throw PipelineError.stageFailed(
      stage: stage, ending: ending.description, cause: LogTail.read(log), log: log,
      code: ending.isCrash ? .defect : .unfinished)
  }

  static func directory(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
  }
}
