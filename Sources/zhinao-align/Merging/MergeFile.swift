import Artifacts
import Merging
import Pipeline

/// A mergekit configuration on disk.
struct MergeFile {
  let path: String

  /// Models are looked for from here, as mergekit does; where one is not, from the file's folder.
  func graph(allowsCrimes: Bool) throws -> MergeGraph {
    let bytes = try Files.read(path, limit: 1 << 20)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Failure(.badInput, "\(path):1:1: error: the configuration is not text in UTF-8")
    }
    let folder = Files.directory(of: path)
    let paths = try MergeGraph.paths(yaml: text, file: path)
    // Of a model with an adapter, the model says where to look.
    let relative = paths.filter { !$0.hasPrefix("/") }.map {
      Files.exists($0) ? $0 : String($0.prefix { $0 != "+" })
    }
    let areBeside = relative.contains { !Files.exists($0) && Files.exists("\(folder)/\($0)") }
    return try MergeGraph(
      yaml: text, file: path, relativeTo: areBeside ? folder : ".", allowsCrimes: allowsCrimes)
  }
}
