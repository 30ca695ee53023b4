import Checkpoints
public import JSON

/// What a merge will do, before it does anything.
public struct PlanReport: Sendable {
  /// One tensor of the output.
  public struct Row: Sendable, Equatable {
    public var name: String
    public var shape: [Int]
    public var elementType: String
    /// The tensor's names in the models, the base first.
    public var sources: [String]
    /// Every parameter with its value, or a value for each model.
    public var parameters: [(name: String, values: [Double])]

    public static func == (left: Row, right: Row) -> Bool {
      left.name == right.name && left.shape == right.shape && left.sources == right.sources
        && left.elementType == right.elementType
        && left.parameters.elementsEqual(right.parameters, by: ==)
    }
  }

  public var method: String
  public var models: [String]
  public var rows: [Row]
  public var parameterCount: Int
  public var bytesRead: Int
  public var bytesWritten: Int
  /// At most: the models' copies of the largest tensor, the base's and the result in float32, and 100 MiB.
  public var memory: Int
  public var vocabulary: VocabularyReport?
  /// By a merge of one tensor, scaled to all; nil if none was tried.
  public var seconds: Double?
}

extension MergePlan {
  /// What this merge will do; with `measuring` the time is estimated by merging one tensor.
  public func report(measuring: Bool = true) throws -> PlanReport {
    var (read, written, largest, count) = (0, 0, 0, 0)
    for tensor in tensors {
      let elements = tensor.information.elementCount
      count += elements
      largest = max(largest, elements)
      written += bytes(elements, tensor.information.elementType.bits)
      for origin in [tensor.base, tensor.copied].compactMap({ $0 }) + tensor.models {
        guard let found = model(origin.model)?.information(origin.tensor) else { continue }
        let stored = model(origin.model)?.storedType(found) ?? found.elementType
        read += bytes(found.elementCount, stored.bits)
      }
    }
    return PlanReport(
      method: method.name, models: models.map(\.name), rows: tensors.map(row),
      parameterCount: count, bytesRead: read, bytesWritten: written,
      memory: (models.count + 2) * largest * 4 + 100 << 20, vocabulary: vocabulary,
      seconds: measuring ? try measuredSeconds(elements: count) : nil)
  }

  private func bytes(_ elements: Int, _ bits: Int) -> Int {
    let (product, overflow) = elements.multipliedReportingOverflow(by: bits)
    return overflow ? .max / 8 : product / 8
  }

  private func row(_ tensor: PlannedTensor) -> PlanReport.Row {
    let origins = [tensor.base, tensor.copied].compactMap { $0 } + tensor.models
    return PlanReport.Row(
      name: tensor.information.name, shape: tensor.information.shape,
      elementType: tensor.information.elementType.rawValue,
      sources: origins.map { "\($0.model):\($0.tensor)" },
      parameters: tensor.copied != nil
        ? []
        : tensor.parameters.perModel.map { ($0.name, $0.values) }
          + tensor.parameters.shared.map { ($0.name, [$0.value]) })
  }

  /// The time that the largest tensor of at most four million elements takes, for each element of all.
  private func measuredSeconds(elements: Int) throws -> Double? {
    var sample: PlannedTensor?
    for tensor in tensors where tensor.copied == nil && tensor.information.elementCount <= 1 << 22 {
      if tensor.information.elementCount > sample?.information.elementCount ?? 0 { sample = tensor }
    }
    guard let sample else { return nil }
    let start = ContinuousClock.now
    _ = try values(of: sample)
    let spent = (ContinuousClock.now - start) / .seconds(1)
    return spent * Double(elements) / Double(sample.information.elementCount)
  }
}

extension PlanReport {
  public var json: JSON {
    var json: JSON = [
      "merge_method": .string(method), "models": .array(models.map(JSON.string)),
      "parameters": .integer(parameterCount), "bytes_read": .integer(bytesRead),
      "bytes_written": .integer(bytesWritten), "memory_bytes": .integer(memory),
      "seconds": seconds.map(JSON.number) ?? .null,
    ]
    json["tensors"] = .array(
      rows.map { row in
        var parameters: JSON = [:]
        for (name, values) in row.parameters {
          parameters[name] =
            values.count == 1 ? .number(values[0]) : .array(values.map(JSON.number))
        }
        return [
          "name": .string(row.name), "shape": .array(row.shape.map(JSON.integer)),
          "dtype": .string(row.elementType), "sources": .array(row.sources.map(JSON.string)),
          "parameters": parameters,
        ]
      })
    if let vocabulary { json["vocabulary"] = vocabulary.json }
    return json
  }
}

extension VocabularyReport {
  public var json: JSON {
    [
      "tokens": .integer(tokenCount), "rows": .integer(rowCount),
      "models": .array(models.map(JSON.string)),
      "moved": .array(movedCounts.map(JSON.integer)),
      "decisions": .array(
        decisions.map {
          [
            "token": .string($0.token), "id": .integer($0.id),
            "sources": .array($0.sources.map(JSON.string)),
          ]
        }),
    ]
  }
}
