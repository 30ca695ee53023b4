internal import Glibc

/// A child in a process group of its own, whose standard output is lines and whose standard error
/// is a log.
///
/// Its standard input is a pipe that nobody writes to: it ends when this process does, however it
/// does, and the worker takes its own life then (`Lifeline`). mpirun and srun pass that on.
struct ChildProcess: ~Copyable {
  struct Ending: CustomStringConvertible {
    var status: Int32

    private var signal: Int32 { status & 0x7F }
    private var code: Int32 { status >> 8 & 0xFF }
    var isSuccess: Bool { status == 0 }

    /// A trap or a wild access; launchers report a rank's signal as 128 and its number.
    var isCrash: Bool {
      let number = signal != 0 ? signal : code - 128
      return [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT].contains(number)
    }

    var description: String {
      if signal != 0 { return "was ended by signal \(signal) (\(Ending.name(signal)))" }
      if code > 128, code < 160 {
        return "was ended by signal \(code - 128) (\(Ending.name(code - 128)))"
      }
      return "ended with code \(code)"
    }

    private static func name(_ signal: Int32) -> String {
      strsignal(signal).map { String(cString: $0) } ?? "unknown"
    }
  }

  private let identifier: pid_t
  private let output: Int32
  private let lifeline: Int32
  private var isReaped = false

  init(_ words: [String], log: String, environment: [String]) throws {
    let input = try ChildProcess.pipe()
    let output = try ChildProcess.pipe()
    defer {
      close(input.reading)
      close(output.writing)
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, input.reading, 0)
    posix_spawn_file_actions_adddup2(&actions, output.writing, 1)
    posix_spawn_file_actions_addopen(&actions, 2, log, O_WRONLY | O_CREAT | O_APPEND, 0o644)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var defaults = sigset_t()
    sigemptyset(&defaults)
    for number in [SIGINT, SIGTERM, SIGUSR1, SIGPIPE] { sigaddset(&defaults, number) }
    posix_spawnattr_setsigdefault(&attributes, &defaults)
    // Threads of Swift's pool hold signals back, and a child would inherit that: it never heard USR1.
    var heldBack = sigset_t()
    sigemptyset(&heldBack)
    posix_spawnattr_setsigmask(&attributes, &heldBack)
    posix_spawnattr_setflags(
      &attributes,
      Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))

    let arguments = words.map { strdup($0) } + [nil]
    let variables = ChildProcess.environment(with: environment).map { strdup($0) } + [nil]
    defer { for pointer in arguments + variables { free(pointer) } }
    var identifier: pid_t = 0
    let code = posix_spawnp(&identifier, words[0], &actions, &attributes, arguments, variables)
    guard code == 0 else {
      close(input.writing)
      close(output.reading)
      throw PipelineError.cannotStart(
        program: words[0], reason: String(cString: strerror(code)))
    }
    self.identifier = identifier
    self.output = output.reading
    self.lifeline = input.writing
  }

  deinit {
    if !isReaped {
      kill(-identifier, SIGKILL)
      var status: Int32 = 0
      waitpid(identifier, &status, 0)
    }
    close(output)
    close(lifeline)
  }

  private static func pipe() throws -> (reading: Int32, writing: Int32) {
    var ends: [Int32] = [0, 0]
    guard Glibc.pipe(&ends) == 0 else {
      throw PipelineError.cannotStart(program: "a pipe", reason: String(cString: strerror(errno)))
    }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }

  private static func environment(with additions: [String]) -> [String] {
    let names = additions.map { $0.prefix { $0 != "=" } + "=" }
    var variables: [String] = []
    var next = environ
    while let variable = next.pointee {
      let text = String(cString: variable)
      if !names.contains(where: { text.hasPrefix($0) }) { variables.append(text) }
      next += 1
    }
    return variables + additions
  }

  /// Reads the child's lines until it ends; passes on requests to stop.
  ///
  /// `take` answers whether the child is to go on; once it is not, it is asked to save and to end.
  /// The first INT or TERM becomes USR1, which mpirun hands to its ranks (TERM it would follow with
  /// KILL within a second); the second ends the child at once.
  mutating func wait(_ take: (String) throws -> Bool) throws -> Ending {
    var lines = LineReader()
    var forwarded = 0
    var isWanted = true
    var isOpen = true
    while true {
      let asked = StopSignal.count
      if asked > forwarded {
        if forwarded == 0 { kill(identifier, SIGUSR1) }
        if asked > 1 { kill(-identifier, SIGKILL) }
        forwarded = asked
      }
      if !isWanted, forwarded == 0 {
        kill(identifier, SIGUSR1)
        forwarded = 1
      }
      if isOpen {
        isOpen = try lines.read(output, waiting: 100) { line in
          if try !take(line) { isWanted = false }
        }
      } else {
        usleep(20_000)
      }
      var status: Int32 = 0
      let ended = waitpid(identifier, &status, WNOHANG)
      guard ended != 0, !(ended < 0 && errno == EINTR) else { continue }
      isReaped = true
      // What a process that outlives the child writes later is not waited for.
      while isOpen { isOpen = try lines.read(output, waiting: 0) { _ = try take($0) } }
      return Ending(status: ended < 0 ? 0x7F00 : status)
    }
  }
}
