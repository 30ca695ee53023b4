/// What the turns of one entrant came to.
struct EntrantOutcome: Codable {
  var entrant: Entrant
  /// All, in the order of turns.
  var repetitions: [Repetition]
  var peakBytes: Int
  var parts: [String: Double]
  var versions: [String: String]

  enum CodingKeys: String, CodingKey {
    case entrant
    case repetitions
    case peakBytes = "peak_bytes"
    case parts
    case versions
  }

  init(_ entrant: Entrant) {
    self.entrant = entrant
    repetitions = []
    peakBytes = 0
    parts = [:]
    versions = [:]
  }

  mutating func add(_ report: WorkReport) {
    repetitions += report.repetitions
    peakBytes = max(peakBytes, report.peakBytes)
    parts = report.parts
    versions = report.versions
  }

  /// Those during which the machine was not at other work.
  var undisturbed: [Repetition] { repetitions.filter(\.isUndisturbed) }
}

/// What a row came to.
struct RowOutcome: Codable {
  /// So many undisturbed repetitions a side are enough to conclude from.
  static let enough = 5

  var name: String
  var title: String
  var target: Double?
  var memoryTarget: Double?
  var point: CurvePoint?
  var hasPeer: Bool
  /// Whether disturbed repetitions may count as well.
  var anyway: Bool
  var entrants: [EntrantOutcome] = []
  var failure: String?
  /// Made when all turns are taken.
  var summary: RowSummary?

  enum CodingKeys: String, CodingKey {
    case name
    case title
    case target
    case memoryTarget = "memory_target"
    case point
    case hasPeer = "has_peer"
    case anyway
    case entrants
    case failure
    case summary
  }

  init(_ row: Row, _ entrants: [Entrant], anyway: Bool) {
    name = row.name
    title = row.title
    target = row.target
    memoryTarget = row.memoryTarget
    point = row.point
    hasPeer = entrants.contains { $0.side == .peer }
    self.anyway = anyway
    self.entrants = entrants.map(EntrantOutcome.init)
  }

  /// The repetitions of an entrant that count: all of them only where too few were undisturbed and
  /// that is to be good enough.
  func counted(_ outcome: EntrantOutcome) -> [Repetition] {
    let undisturbed = outcome.undisturbed
    return anyway && undisturbed.count < RowOutcome.enough ? outcome.repetitions : undisturbed
  }

  /// Whether disturbed repetitions are among those that count.
  var isDisturbed: Bool {
    entrants.contains { counted($0).contains { !$0.isUndisturbed } }
  }

  func speed(_ outcome: EntrantOutcome) -> Double {
    median(counted(outcome).map(\.tokensPerSecond))
  }

  /// A side at its best: its fastest precision for this work.
  func best(_ side: Entrant.Side) -> EntrantOutcome? {
    entrants.filter { $0.entrant.side == side && !counted($0).isEmpty }
      .max { speed($0) < speed($1) }
  }

  /// Whether every entrant has as many repetitions as are needed.
  var isConclusive: Bool {
    entrants.allSatisfy { counted($0).count >= RowOutcome.enough }
  }

  /// Whether the machine was busy throughout, so that more turns would change nothing.
  var isHopeless: Bool { entrants.contains { $0.undisturbed.isEmpty } }

  /// How many times the peer's speed ours is.
  var ratio: Double? {
    guard isConclusive, let ours = best(.ours), let peer = best(.peer) else { return nil }
    return speed(ours) / speed(peer)
  }

  /// Our peak memory as a share of the peer's.
  var memoryShare: Double? {
    guard let ours = best(.ours), let peer = best(.peer), peer.peakBytes > 0 else { return nil }
    return Double(ours.peakBytes) / Double(peer.peakBytes)
  }
}
