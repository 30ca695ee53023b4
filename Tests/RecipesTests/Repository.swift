import Artifacts
import Glibc

/// The files of this repository that people start from: recipes, launch files, pages.
enum Repository {
  /// The folder that holds `Tests`.
  static let root: String = {
    let parts = #filePath.split(separator: "/").dropLast(3)
    return "/" + parts.joined(separator: "/")
  }()

  static func path(_ name: String) -> String { "\(root)/\(name)" }

  static func text(_ name: String) throws -> String {
    String(decoding: try Files.read(path(name), limit: 1 << 20), as: UTF8.self)
  }

  /// The names of a folder's files that end so, in order.
  static func names(in folder: String, endingIn endings: String...) throws -> [String] {
    try Files.names(in: path(folder)).filter { name in endings.contains { name.hasSuffix($0) } }
      .sorted()
  }
}
