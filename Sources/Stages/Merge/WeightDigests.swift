import Artifacts

/// SHA-256 of models' weights, as a model card names them.
public enum WeightDigests {
  /// By name; of several files the digest of their digests, in the order of the files' names.
  public static func of(_ names: [String], _ paths: [String]) throws -> [String: String] {
    var digests: [String: String] = [:]
    for (name, path) in zip(names, paths) where Files.exists(path) {
      digests[name] = try digest(path)?.hex
    }
    return digests
  }

  private static func digest(_ path: String) throws -> Digest? {
    guard try Files.status(path)?.kind == .directory else { return try Digest.of(file: path) }
    let files = try Files.names(in: path).filter { $0.hasSuffix(".safetensors") }.sorted()
    let all = try files.map { try Digest.of(file: "\(path)/\($0)") }
    return all.count < 2 ? all.first : Digest.of(all.map(\.hex).joined(separator: "\n"))
  }
}
