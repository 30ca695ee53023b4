import JSON
public import Objectives

/// What one step did, in the numbers of the whole batch.
public struct StepReport: Sendable {
  public var loss = 0.0
  /// Before clipping.
  public var gradientNorm = 0.0
  public var learningRate = 0.0
  /// Tokens that went through the network.
  public var tokenCount = 0
  public var metrics = Metrics()

  init() {}

  mutating func merge(_ part: MicroBatchReport) {
    loss += part.loss
    tokenCount += part.tokenCount
    metrics.merge(part.metrics)
  }
}

/// A micro-batch's share of a step's numbers.
struct MicroBatchReport: Equatable {
  var loss = 0.0
  var tokenCount = 0
  var metrics = Metrics()

  /// The reports as bytes for other ranks; Doubles go as their bit patterns.
  static func encoded(_ reports: [MicroBatchReport]) -> [UInt8] {
    let json = JSON.array(
      reports.map { report in
        [
          .integer(bits(report.loss)), .integer(report.tokenCount),
          .array(
            report.metrics.entries.map {
              [
                .string($0.name), .integer(Int($0.kind.rawValue)), .integer(bits($0.value)),
                .integer(bits($0.weight)),
              ]
            }),
        ]
      })
    return Array(json.serialized().utf8)
  }

  static func decoded(_ bytes: [UInt8]) throws -> [MicroBatchReport] {
    try (JSON(parsing: bytes).array ?? []).map { json in
      let fields = json.array ?? []
      let entries = (fields[2].array ?? []).compactMap { entry -> Metrics.Entry? in
        guard let parts = entry.array, let name = parts[0].string, let code = parts[1].int,
          let kind = Metrics.Kind(rawValue: UInt8(truncatingIfNeeded: code))
        else { return nil }
        return Metrics.Entry(
          name: name, kind: kind, value: double(parts[2]), weight: double(parts[3]))
      }
      return MicroBatchReport(
        loss: double(fields[0]), tokenCount: fields[1].int ?? 0, metrics: Metrics(entries: entries))
    }
  }

  private static func bits(_ value: Double) -> Int { Int(bitPattern: UInt(value.bitPattern)) }

  private static func double(_ json: JSON) -> Double {
    Double(bitPattern: UInt64(UInt(bitPattern: json.int ?? 0)))
  }
}
