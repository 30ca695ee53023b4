import Artifacts
import Pipeline

/// A data set's file: the path itself, or the only file of rows in another stage's output.
///
/// - Throws: `BadInput` for a folder with none or several.
func datasetFile(_ path: String) throws -> String {
  guard try Files.status(path)?.kind == .directory else { return path }
  let ends = [".jsonl", ".json", ".jsonl.gz", ".json.gz"]
  // What describes rows beside them is plain JSON.
  let names = try Files.names(in: path).filter { name in ends.contains { name.hasSuffix($0) } }
  let lines = names.filter { $0.hasSuffix(".jsonl") || $0.hasSuffix(".jsonl.gz") }
  let found = lines.isEmpty ? names : lines
  guard let name = found.first, found.count == 1 else {
    throw BadInput(
      "\(path) holds \(found.count) files of rows, where one (.jsonl, .json, gzipped or not) would be "
        + "right")
  }
  return "\(path)/\(name)"
}
