import Foundation

/// What one process says of its work, in one line of JSON; the peer's scripts print the same.
struct WorkReport: Codable {
  var work: String
  var precision: String
  var repetitions: [Repetition]
  /// Seconds of one step.
  var medianSeconds: Double
  var minimumSeconds: Double
  var maximumSeconds: Double
  var tokensPerSecond: Double
  var peakBytes: Int
  /// Seconds of what a step consists of, where it is known apart.
  var parts: [String: Double]
  /// Of what was measured and of what it stands on.
  var versions: [String: String]

  enum CodingKeys: String, CodingKey {
    case work
    case precision
    case repetitions
    case medianSeconds = "median_seconds"
    case minimumSeconds = "min_seconds"
    case maximumSeconds = "max_seconds"
    case tokensPerSecond = "tokens_per_second"
    case peakBytes = "peak_bytes"
    case parts
    case versions
  }

  init(
    work: String, precision: String, repetitions: [Repetition], parts: [String: Double],
    versions: [String: String]
  ) {
    let seconds = repetitions.map(\.seconds)
    self.work = work
    self.precision = precision
    self.repetitions = repetitions
    medianSeconds = median(seconds)
    minimumSeconds = seconds.min() ?? 0
    maximumSeconds = seconds.max() ?? 0
    tokensPerSecond = median(repetitions.map(\.tokensPerSecond))
    peakBytes = zhinao_bench.peakBytes()
    self.parts = parts
    self.versions = versions
  }

  var line: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
  }

  init(line: some StringProtocol) throws {
    self = try JSONDecoder().decode(WorkReport.self, from: Data(line.utf8))
  }
}
