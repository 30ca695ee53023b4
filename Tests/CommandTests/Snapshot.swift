import Foundation
import Testing

/// A text that people read, as it was when somebody last looked at it.
enum Snapshot {
  /// Compares with `Goldens/NAME`; under `RECORD_SNAPSHOTS=1` writes it and fails.
  static func check(
    _ text: String, _ name: String, location: SourceLocation = #_sourceLocation
  ) throws {
    if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1" {
      let file = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Goldens/\(name)")
      try Data(text.utf8).write(to: file)
      Issue.record("recorded \(name); run again without RECORD_SNAPSHOTS", sourceLocation: location)
      return
    }
    let file = Bundle.module.bundleURL.appending(path: "Goldens/\(name)")
    let golden = try String(contentsOf: file, encoding: .utf8)
    #expect(text == golden, "RECORD_SNAPSHOTS=1 records", sourceLocation: location)
  }
}
