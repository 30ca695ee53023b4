import Artifacts
import JSON
import OrderedCollections
import Pipeline

/// A record as JSON for other programs.
enum RecordDocument {
  static func brief(_ record: RunRecord) -> JSON {
    [
      "recipe": .string(record.recipe), "stage": .string(record.stage),
      "kind": .string(record.kind), "fingerprint": .string(record.fingerprint.hex),
      "outputs": RunDocument.outputs(of: record), "figures": RunDocument.figures(of: record),
      "started": .string(record.started), "seconds": .number(record.seconds),
    ]
  }

  static func whole(_ record: RunRecord) -> JSON {
    var json = brief(record)
    json["settings"] = record.settings
    json["inputs"] = .array(
      record.inputs.map { input in
        [
          "slot": .string(input.slot), "source": .string(input.source),
          "digest": .string(input.digest.hex),
          "producer": input.producer.map { .string($0.hex) } ?? .null,
        ]
      })
    json["files"] = .object(
      OrderedDictionary(
        record.outputs.map { output in
          let files = output.files.map { ($0.path, JSON.string($0.digest.hex)) }
          return (
            output.name, .object(OrderedDictionary(files, uniquingKeysWith: { first, _ in first }))
          )
        }, uniquingKeysWith: { first, _ in first }))
    json["environment"] = record.environment
    return json
  }
}
