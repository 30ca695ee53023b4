import ArgumentParser
import Logging

/// What is done inside, for a run that goes another way than expected; nothing unless it is asked for.
struct Diagnostics: ParsableArguments {
  /// The levels at which something is said here.
  enum Level: String, CaseIterable, ExpressibleByArgument {
    case notice, debug, trace
  }

  @Option(
    help: ArgumentHelp(
      "notice; debug says also what is started, why, and what it is known by; trace each step.",
      valueName: "level"))
  var logLevel = Level.notice

  /// The logger of one part of the program, whose lines go to `write`.
  func logger(_ label: String, write: @escaping @Sendable (String) -> Void) -> Logger {
    var logger = Logger(label: label) { LineLogHandler(label: $0, write: write) }
    logger.logLevel = Logger.Level(rawValue: logLevel.rawValue) ?? .notice
    return logger
  }
}

/// A line a message: `debug run: starts a worker command=…`.
struct LineLogHandler: LogHandler {
  let label: String
  let write: @Sendable (String) -> Void
  var logLevel = Logger.Level.notice
  var metadata: Logger.Metadata = [:]

  init(label: String, write: @escaping @Sendable (String) -> Void) {
    self.label = label
    self.write = write
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let all = metadata.merging(event.metadata ?? [:]) { $1 }
    // In the order of names: a hash decides nothing that a person reads.
    let pairs = all.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }
    write("\(event.level) \(label): \(event.message)\(pairs.joined())".printable())
  }
}
