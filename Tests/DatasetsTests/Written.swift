import Foundation

@testable import Datasets

/// Runs the body on a file with these contents, which is gone afterwards.
func withFile<Result>(
  _ contents: some Sequence<UInt8>, named name: String = "rows.jsonl",
  _ body: (String) throws -> Result
) throws -> Result {
  let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("datasets-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  let file = folder.appendingPathComponent(name)
  try Data(contents).write(to: file)
  return try body(file.path)
}

func rows(
  _ text: String, named name: String = "rows.jsonl", _ reading: RowReading = RowReading()
) throws -> RowSet {
  try withFile(text.utf8, named: name) { try reading.read($0) }
}

/// The only row of a text.
func row(_ text: String, _ reading: RowReading = RowReading()) throws -> Row? {
  try rows(text, reading).rows.first?.content
}

/// The problem that a text's row is refused for.
func problem(_ text: String, _ reading: RowReading = RowReading()) throws -> RowProblem? {
  do {
    _ = try rows(text, reading)
    return nil
  } catch DatasetError.malformed(_, _, _, let first) {
    return first.first?.problem
  }
}
