import Foundation
import Testing

/// The built program, run as a person runs it.
struct Executable {
  struct Outcome {
    var code: Int32
    var output: String
    var complaint: String

    /// Standard output, line by line.
    var lines: [String] { output.split(separator: "\n").map(String.init) }
  }

  /// Where SwiftPM puts programs and the tests' resources.
  static let path = Bundle.module.bundleURL.deletingLastPathComponent().appending(
    path: "zhinao-align"
  ).path

  /// Runs to the end; nothing is on standard input, and no stream is a terminal.
  static func run(
    _ arguments: String..., in folder: String? = nil, environment: [String: String] = [:]
  ) throws -> Outcome {
    try run(arguments, in: folder, environment: environment)
  }

  static func run(
    _ arguments: [String], in folder: String? = nil, environment: [String: String] = [:]
  ) throws -> Outcome {
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    if let folder { process.currentDirectoryURL = URL(filePath: folder) }
    var variables = ProcessInfo.processInfo.environment
    variables["COLUMNS"] = "80"
    variables.merge(environment) { _, new in new }
    process.environment = variables
    process.standardInput = FileHandle.nullDevice
    // Files, not pipes: a pipe that nobody empties would stop a program that talks much.
    let folder = TemporaryFolder()
    process.standardOutput = try folder.handle("output")
    process.standardError = try folder.handle("complaint")
    try process.run()
    process.waitUntilExit()
    return Outcome(
      code: process.terminationStatus, output: try folder.text("output"),
      complaint: try folder.text("complaint"))
  }
}

/// A folder that goes with the test.
final class TemporaryFolder {
  let path: String

  init() {
    path =
      FileManager.default.temporaryDirectory.appending(path: "zhinao-\(UUID().uuidString)").path
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ text: String, _ name: String) throws -> String {
    let file = URL(filePath: path).appending(path: name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
    return file.path
  }

  func text(_ name: String) throws -> String {
    let data = try Data(contentsOf: URL(filePath: path).appending(path: name))
    return String(decoding: data, as: UTF8.self)
  }

  func handle(_ name: String) throws -> FileHandle {
    let file = try write("", name)
    return try FileHandle(forWritingTo: URL(filePath: file))
  }

  /// Takes bytes off a file's end.
  func cut(_ name: String, by count: Int) throws {
    let file = URL(filePath: file(name))
    try Data(contentsOf: file).dropLast(count).write(to: file)
  }

  func file(_ name: String) -> String { path + "/" + name }

  func holds(_ name: String) -> Bool { FileManager.default.fileExists(atPath: file(name)) }

  var names: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
  }
}

/// The folder that this package is in.
let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().path
