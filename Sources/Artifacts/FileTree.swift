/// The regular files under a directory.
public struct FileTree: Sendable, Equatable {
  public struct Entry: Sendable, Equatable {
    /// Relative to the root, `/` between parts.
    public var path: String
    public var status: Files.Status
  }

  /// The directory the paths are relative to.
  public var root: String
  /// Sorted by the bytes of their paths.
  public var entries: [Entry]

  static let depthLimit = 32
  static let countLimit = 1_000_000

  /// Lists a directory, following links to files and directories.
  ///
  /// Names that start with a dot (`.git`, `.cache`, `.gitattributes`) are left out: nothing here
  /// reads them, and a fetched model should be the same model after a `git status`.
  /// Throws where something is neither a plain file nor a directory, or where it nests too deep,
  /// as a link to a directory above does.
  public init(directory: String) throws {
    root = directory
    var found: [Entry] = []
    try FileTree.collect(directory, prefix: "", depth: 0, into: &found)
    entries = found.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
  }

  private static func collect(
    _ directory: String, prefix: String, depth: Int, into found: inout [Entry]
  ) throws {
    guard depth <= depthLimit else {
      throw ArtifactError.tooMany(what: "levels", limit: depthLimit, path: directory)
    }
    for name in try Files.names(in: directory) where !name.hasPrefix(".") {
      let path = "\(directory)/\(name)"
      guard let status = try Files.status(path) else { throw ArtifactError.missing(path: path) }
      switch status.kind {
      case .regular: found.append(Entry(path: prefix + name, status: status))
      case .directory:
        try collect(path, prefix: "\(prefix)\(name)/", depth: depth + 1, into: &found)
      case .other:
        throw ArtifactError.notRegular(path: path, wanted: "a plain file or a directory")
      }
      guard found.count <= countLimit else {
        throw ArtifactError.tooMany(what: "files", limit: countLimit, path: directory)
      }
    }
  }
}
