extension ArtifactStore {
  /// What a look at every byte found.
  public struct Verification: Sendable {
    public var records = 0
    public var objects = 0
    /// In bytes.
    public var size = 0
    /// Each damaged thing, with the stages that need it: "dpo of zhinao2-chat".
    public var damage: [(error: ArtifactError, affects: [String])] = []
    /// Objects that no record names: left by a crash, removed by `gc`.
    public var unclaimed: [Digest] = []
  }

  /// Reads every object again, believing no cache, and names what is damaged.
  public func verify() throws -> Verification {
    var result = Verification()
    let (records, damaged) = try records()
    result.records = records.count
    result.damage = damaged.map { ($0, []) }
    var claims: [Digest: [String]] = [:]
    var sizes: [Digest: Int] = [:]
    for record in records {
      for file in record.outputs.flatMap(\.files) {
        claims[file.digest, default: []].append("\(record.stage) of \(record.recipe)")
        sizes[file.digest] = file.size
      }
    }
    for digest in claims.keys.sorted() {
      result.objects += 1
      result.size += sizes[digest] ?? 0
      if let error = check(digest) { result.damage.append((error, claims[digest] ?? [])) }
    }
    result.unclaimed = try storedObjects().filter { claims[$0] == nil }
    return result
  }

  private func check(_ digest: Digest) -> ArtifactError? {
    do {
      let found = try Digest.of(file: object(digest))
      return found == digest ? nil : .damaged(path: object(digest), expected: digest, found: found)
    } catch {
      return .damaged(path: object(digest), expected: digest, found: nil)
    }
  }

  /// The digests of all stored contents, sorted.
  public func storedObjects() throws -> [Digest] {
    var digests: [Digest] = []
    for directory in try Files.names(in: objects) {
      digests += try Files.names(in: "\(objects)/\(directory)").compactMap { Digest(hex: $0) }
    }
    return digests.sorted()
  }

  /// Removes records outside `keeping`, then objects that no remaining record names, and work
  /// directories that are not of `keeping`, and answers the bytes given back.
  ///
  /// Hold the lock. Records go first: what is left after a crash in between is unclaimed objects.
  public func collectGarbage(keeping: Set<Digest>, isRehearsal: Bool = false) throws -> Int {
    var freed = 0
    var claimed: Set<Digest> = []
    for fingerprint in try fingerprints() {
      if keeping.contains(fingerprint) {
        claimed.formUnion(try record(fingerprint)?.outputs.flatMap(\.files).map(\.digest) ?? [])
      } else if !isRehearsal {
        try Files.remove(recordPath(fingerprint))
      }
    }
    if !isRehearsal { try Files.synchronize(directory: runs) }
    for digest in try storedObjects() where !claimed.contains(digest) {
      freed += try Files.status(object(digest))?.size ?? 0
      if !isRehearsal { try Files.remove(object(digest)) }
    }
    for name in try Files.names(in: "\(workspace)/work") {
      if let fingerprint = Digest(hex: name), keeping.contains(fingerprint) { continue }
      freed += try FileTree(directory: "\(workspace)/work/\(name)").entries
        .filter { $0.status.links == 1 }.reduce(0) { $0 + $1.status.size }
      if !isRehearsal { try Files.remove("\(workspace)/work/\(name)") }
    }
    return freed
  }
}
