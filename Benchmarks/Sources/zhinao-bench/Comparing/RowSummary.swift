/// A row's numbers as they stand in the table, for programs that read results.json.
struct RowSummary: Codable {
  struct Side: Codable {
    var precision: String
    var tokensPerSecond: Double
    var medianSeconds: Double
    var minimumSeconds: Double
    var maximumSeconds: Double
    var peakBytes: Int
    var repetitions: Int
    var disturbed: Int

    enum CodingKeys: String, CodingKey {
      case precision
      case tokensPerSecond = "tokens_per_second"
      case medianSeconds = "median_seconds"
      case minimumSeconds = "min_seconds"
      case maximumSeconds = "max_seconds"
      case peakBytes = "peak_bytes"
      case repetitions
      case disturbed
    }
  }

  var ours: Side?
  var peer: Side?
  var ratio: Double?
  var memoryShare: Double?
  var conclusion: String

  enum CodingKeys: String, CodingKey {
    case ours
    case peer
    case ratio
    case memoryShare = "memory_share"
    case conclusion
  }

  init(_ row: RowOutcome) {
    func side(_ side: Entrant.Side) -> Side? {
      row.best(side).map { outcome in
        let seconds = row.counted(outcome).map(\.seconds)
        return Side(
          precision: outcome.entrant.precision.rawValue, tokensPerSecond: row.speed(outcome),
          medianSeconds: median(seconds), minimumSeconds: seconds.min() ?? 0,
          maximumSeconds: seconds.max() ?? 0, peakBytes: outcome.peakBytes,
          repetitions: seconds.count,
          disturbed: outcome.repetitions.count - outcome.undisturbed.count)
      }
    }
    ours = side(.ours)
    peer = side(.peer)
    ratio = row.ratio
    memoryShare = row.memoryShare
    conclusion =
      row.failure != nil
      ? "failed" : !row.isConclusive ? "busy" : row.isDisturbed ? "disturbed" : "measured"
  }
}
