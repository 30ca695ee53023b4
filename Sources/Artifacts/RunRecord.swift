public import JSON
public import OrderedCollections

/// What a stage was given and what it made: the one thing a reader believes.
///
/// It is written after everything it names is on the disk, carries a seal over its own text, and is
/// named by the fingerprint of its key. So a half-written, renamed or altered record is no record.
public struct RunRecord: Sendable, Equatable {
  /// One artifact that a stage read.
  public struct Input: Sendable, Equatable {
    public var slot: String
    /// As the recipe says it: a path, or `$stage.output`.
    public var source: String
    public var digest: Digest
    /// The run that made it; nil for what came from outside.
    public var producer: Digest?

    public init(slot: String, source: String, digest: Digest, producer: Digest? = nil) {
      self.slot = slot
      self.source = source
      self.digest = digest
      self.producer = producer
    }
  }

  /// One artifact that a stage made.
  public struct Output: Sendable, Equatable {
    public var name: String
    public var kind: ArtifactKind
    /// Sorted by path.
    public var files: [FileRecord]

    public init(name: String, kind: ArtifactKind, files: [FileRecord]) {
      self.name = name
      self.kind = kind
      self.files = files
    }

    public var digest: Digest { Digest.of(files: files) }
    /// In bytes.
    public var size: Int { files.reduce(0) { $0 &+ $1.size } }
  }

  /// Everything that decides the result; its canonical text's digest is the fingerprint.
  public var key: JSON
  public var recipe: String
  public var stage: String
  /// All resolved settings, also those that cannot change a result.
  public var settings: JSON
  public var inputs: [Input]
  /// The main output first.
  public var outputs: [Output]
  /// Closing figures by name, in the order the stage gave them.
  public var summary: OrderedDictionary<String, Double>
  /// In ISO 8601, and seconds of wall time over all attempts known.
  public var started: String
  public var seconds: Double
  /// Where and with what it ran (ranks, host, version), which is never part of the fingerprint.
  public var environment: JSON

  public init(
    key: JSON, recipe: String, stage: String, settings: JSON, inputs: [Input],
    outputs: [Output] = [], summary: OrderedDictionary<String, Double> = [:], started: String,
    seconds: Double = 0, environment: JSON = [:]
  ) {
    self.key = key
    self.recipe = recipe
    self.stage = stage
    self.settings = settings
    self.inputs = inputs
    self.outputs = outputs
    self.summary = summary
    self.started = started
    self.seconds = seconds
    self.environment = environment
  }

  public var fingerprint: Digest { RunRecord.fingerprint(ofKey: key) }
  public var kind: String { key["kind"]?.string ?? "" }
  public var revision: Int { key["revision"]?.int ?? 0 }

  public static func fingerprint(ofKey key: JSON) -> Digest {
    Digest.of(key.serialized(.canonical))
  }

  public func output(named name: String) -> Output? { outputs.first { $0.name == name } }
}
