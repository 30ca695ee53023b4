public import JSON
internal import OrderedCollections

extension RunRecord {
  static let schema = 1

  /// The record as it is written: `outputs` is output name → relative path → digest.
  public var json: JSON {
    var document = unsealed
    document["seal"] = .string(Digest.of(document.serialized(.canonical)).hex)
    return document
  }

  private var unsealed: JSON {
    var document: OrderedDictionary<String, JSON> = [:]
    document["schema"] = .integer(RunRecord.schema)
    document["fingerprint"] = .string(fingerprint.hex)
    document["recipe"] = .string(recipe)
    document["stage"] = .string(stage)
    document["kind"] = .string(kind)
    document["revision"] = .integer(revision)
    document["outputs"] = .object(
      OrderedDictionary(
        outputs.map { ($0.name, $0.paths) }, uniquingKeysWith: { first, _ in first }))
    document["artifacts"] = .array(outputs.map(\.facts))
    document["inputs"] = .array(inputs.map(\.json))
    document["settings"] = settings
    document["key"] = key
    document["summary"] = .object(summary.mapValues { .number($0) })
    document["started"] = .string(started)
    document["seconds"] = .number(seconds)
    document["environment"] = environment
    return .object(document)
  }

  /// Reads a record back; `path` and `fingerprint` say where it was found and under which name.
  init(_ document: JSON, path: String, fingerprint: Digest) throws {
    func bad(_ reason: String) -> ArtifactError { .badRecord(path: path, reason: reason) }
    guard let schema = document["schema"]?.int else { throw bad("it has no schema number") }
    guard schema == RunRecord.schema else {
      throw bad("it was written in format \(schema), this program reads \(RunRecord.schema)")
    }
    var open = document
    open["seal"] = nil
    guard let seal = document["seal"]?.string,
      seal == Digest.of(open.serialized(.canonical)).hex
    else { throw bad("its seal does not fit its text") }
    guard let key = document["key"], RunRecord.fingerprint(ofKey: key) == fingerprint else {
      throw bad("its name is not the fingerprint of its key")
    }
    guard let recipe = document["recipe"]?.string, let stage = document["stage"]?.string,
      let settings = document["settings"], let started = document["started"]?.string,
      let seconds = document["seconds"]?.double, let environment = document["environment"],
      let inputs = document["inputs"]?.array, let outputs = document["artifacts"]?.array,
      let summary = document["summary"]?.object
    else { throw bad("a field is missing") }
    self.init(
      key: key, recipe: recipe, stage: stage, settings: settings, inputs: [], started: started,
      seconds: seconds, environment: environment)
    for input in inputs {
      guard let input = Input(input) else { throw bad("an input cannot be read") }
      self.inputs.append(input)
    }
    for facts in outputs {
      let paths = facts["name"]?.string.flatMap { document["outputs"]?[$0]?.object }
      guard let paths, let output = Output(facts, paths: paths) else {
        throw bad("an output cannot be read")
      }
      self.outputs.append(output)
    }
    for (name, value) in summary { self.summary[name] = value.double }
  }
}

extension RunRecord.Input {
  var json: JSON {
    [
      "slot": .string(slot), "source": .string(source), "digest": .string(digest.hex),
      "producer": producer.map { .string($0.hex) } ?? .null,
    ]
  }

  init?(_ document: JSON) {
    guard let slot = document["slot"]?.string, let source = document["source"]?.string,
      let digest = document["digest"]?.string.flatMap({ Digest(hex: $0) })
    else { return nil }
    let producer = document["producer"]?.string.flatMap { Digest(hex: $0) }
    self.init(slot: slot, source: source, digest: digest, producer: producer)
  }
}

extension RunRecord.Output {
  /// Relative path → digest.
  fileprivate var paths: JSON {
    .object(
      OrderedDictionary(
        files.map { ($0.path, .string($0.digest.hex)) }, uniquingKeysWith: { first, _ in first }))
  }

  fileprivate var facts: JSON {
    [
      "name": .string(name), "kind": .string(kind.rawValue), "digest": .string(digest.hex),
      "sizes": .object(
        OrderedDictionary(
          files.map { ($0.path, .integer($0.size)) }, uniquingKeysWith: { first, _ in first })),
    ]
  }

  fileprivate init?(_ facts: JSON, paths: OrderedDictionary<String, JSON>) {
    guard let name = facts["name"]?.string,
      let kind = facts["kind"]?.string.flatMap({ ArtifactKind(rawValue: $0) })
    else { return nil }
    self.init(name: name, kind: kind, files: [])
    for (path, digest) in paths {
      guard let digest = digest.string.flatMap({ Digest(hex: $0) }),
        let size = facts["sizes"]?[path]?.int, ArtifactStore.isSafe(relativePath: path)
      else { return nil }
      files.append(FileRecord(path: path, size: size, digest: digest))
    }
    guard facts["digest"]?.string == self.digest.hex else { return nil }
  }
}
