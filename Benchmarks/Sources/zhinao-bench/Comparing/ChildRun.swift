import Foundation

/// What kept a program from giving its line.
struct ChildFailure: Error, CustomStringConvertible {
  var words: [String]
  var lastWords: String

  var description: String { "`\(words.joined(separator: " "))` failed: \(lastWords)" }
}

/// Runs a program to its end.
///
/// - Throws: `ChildFailure` with the end of what it said.
/// - Returns: its standard output.
@discardableResult
func run(_ words: [String], threads: Int = 1) throws -> String {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = words
  var environment = ProcessInfo.processInfo.environment
  environment["OMP_NUM_THREADS"] = "\(threads)"
  process.environment = environment
  let output = Pipe()
  process.standardOutput = output
  let log = FileManager.default.temporaryDirectory.appendingPathComponent(
    "zhinao-bench-\(UUID().uuidString).log")
  try Data().write(to: log)
  defer { try? FileManager.default.removeItem(at: log) }
  process.standardError = try FileHandle(forWritingTo: log)
  try process.run()
  let said = output.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  guard process.terminationStatus == 0 else {
    let errors = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
    throw ChildFailure(
      words: words,
      lastWords: errors.split(separator: "\n").suffix(3).joined(separator: " / ") + " (code "
        + "\(process.terminationStatus))")
  }
  return String(decoding: said, as: UTF8.self)
}
