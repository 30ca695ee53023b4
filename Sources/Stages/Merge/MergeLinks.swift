import Artifacts
import Glibc

/// Names for the models of a merge that are the same wherever they lie.
///
/// A merged model says what it was made of (`mergekit_config.yml`, its card). Under their paths the
/// same merge would give other bytes in another workspace.
enum MergeLinks {
  static let base = "base"
  static func model(_ index: Int) -> String { "model-\(index + 1)" }

  /// Makes a link for each model in a folder.
  static func make(
    in folder: String, models: [String], base: String?, names: [String]? = nil
  ) throws {
    for (index, path) in models.enumerated() {
      try link("\(folder)/\(names?[index] ?? model(index))", to: path)
    }
    if let base { try link("\(folder)/\(self.base)", to: base) }
  }

  private static func link(_ name: String, to path: String) throws {
    try Files.remove(name)
    guard symlink(path, name) == 0 else {
      throw ArtifactError.system(operation: "link", path: name, code: errno)
    }
  }
}
