internal import Artifacts
internal import Glibc
internal import JSON
internal import Profiling

/// The other end of the launcher: what `zhinao-align work ORDER.json` does.
public enum Worker {
  static let interruption = "interrupted"

  /// Whether this process is the first of its ranks, by what launchers set.
  public static var isFirstRank: Bool {
    for name in ["OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "SLURM_PROCID"] {
      if let value = getenv(name) { return String(cString: value) == "0" }
    }
    return true
  }

  /// Runs an order in this process and answers with its exit code.
  ///
  /// Events go to standard output, a JSON line each: of several ranks the first one's, and of
  /// every rank the reason of its failure. `before` is where a program joins its ranks.
  public static func run(
    orderAt path: String, catalogue: StageCatalogue, around body: (() throws -> Void) throws -> Void
  ) -> ExitCode {
    StopSignal.install()
    let isFirst = isFirstRank
    if isFirst { Lifeline.watch() }
    do {
      let order = try WorkOrder(try JSON(parsing: try Files.read(path, limit: 1 << 26)))
      guard let kind = catalogue.kind(order.kind) else {
        throw PipelineError.unknownKind(order.kind, known: catalogue.names)
      }
      let context = StageContext(order: order) { if isFirst { send($0) } }
      if order.isProfiled { Profiler.begin() }
      try body { try kind.perform(order.settings, context) }
      if let profile = Profiler.end() { context.report(.profile(profile.json)) }
      if let peak = PeakMemory.bytes { context.report(.memory(peak: peak)) }
      return .done
    } catch {
      let code = ExitCode(for: error)
      send(.failure(code: code.rawValue, message: message(for: error)))
      return code
    }
  }

  private static func message(for error: any Error) -> String {
    switch error {
    case is Interrupted: interruption
    case let gate as GateClosed: gate.message
    default: "\(error)"
    }
  }

  private static func send(_ event: StageEvent) {
    let bytes = Array((event.json.serialized(.compact) + "\n").utf8)
    var offset = 0
    bytes.withUnsafeBytes { bytes in
      while offset < bytes.count {
        let rest = UnsafeRawBufferPointer(rebasing: bytes[offset...])
        let count = write(1, rest.baseAddress, rest.count)
        if count < 0 && errno != EINTR { return }
        offset += max(0, count)
      }
    }
  }
}

extension StageEvent {
  init?(line: String) {
    guard line.hasPrefix("{"), let json = try? JSON(parsing: line) else { return nil }
    self.init(json)
  }
}

/// Ends this process when the one that started it is gone.
///
/// Standard input is a pipe whose other end only the orchestrator holds; the kernel closes it with
/// the orchestrator, also on `kill -9`. A rank that ends so takes the others with it (mpirun).
public enum Lifeline {
  /// Does nothing where standard input is no pipe: a worker that a person started by hand.
  public static func watch() {
    var status = stat()
    guard fstat(0, &status) == 0,
      status.st_mode & S_IFMT == S_IFIFO || status.st_mode & S_IFMT == S_IFSOCK
    else { return }
    var thread = pthread_t()
    pthread_create(
      &thread, nil,
      { _ in
        var byte: UInt8 = 0
        while true {
          let count = read(0, &byte, 1)
          if count == 0 || (count < 0 && errno != EINTR) { kill(getpid(), SIGKILL) }
        }
      }, nil)
    pthread_detach(thread)
  }
}
