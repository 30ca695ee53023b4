internal import Glibc

/// What can go wrong with files, the store and its records.
public enum ArtifactError: Error, Sendable, Equatable {
  /// The system refused; `code` is its errno.
  case system(operation: String, path: String, code: Int32)
  case missing(path: String)
  /// A directory, pipe, device or symbolic link where a plain file is wanted.
  case notRegular(path: String, wanted: String)
  case changedWhileRead(path: String)
  case tooMany(what: String, limit: Int, path: String)
  /// A name that would leave the directory it belongs to, or that the store does not take.
  case unsafeName(String)
  case damaged(path: String, expected: Digest, found: Digest?)
  case badRecord(path: String, reason: String)
  case locked(workspace: String, holder: String)
  case emptyOutput(name: String, path: String)
}

extension ArtifactError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .system(let operation, let path, let code):
      "cannot \(operation) \(path): \(String(cString: strerror(code)))"
    case .missing(let path): "\(path) does not exist"
    case .notRegular(let path, let wanted): "\(path) is not \(wanted)"
    case .changedWhileRead(let path): "\(path) changed while it was being read"
    case .tooMany(let what, let limit, let path): "\(path) holds more than \(limit) \(what)"
    case .unsafeName(let name):
      "“\(name)” cannot be used as a name: letters, digits, '.', '_' and '-', not starting with '.'"
    case .damaged(let path, let expected, nil):
      "\(path) is gone or has another size; it held \(expected.short)"
    case .damaged(let path, let expected, let found?):
      "\(path) is damaged: its digest is \(found.short), it should be \(expected.short)"
    case .badRecord(let path, let reason): "\(path) is not a valid record: \(reason)"
    case .locked(let workspace, let holder): "\(workspace) is in use by another run (\(holder))"
    case .emptyOutput(let name, let path): "the output “\(name)” has no files in \(path)"
    }
  }

  /// Whether nothing is there, as opposed to something wrong being there.
  public var isMissing: Bool {
    switch self {
    case .missing: true
    case .system(_, _, let code): code == ENOENT
    default: false
    }
  }
}
