internal import Artifacts
internal import OrderedCollections
internal import Pipeline
import Suggestions

extension GraphBuilder {
  /// Reads one entry of `stages`.
  mutating func declare(_ entry: LocatedValue.Member) -> Declared? {
    let name = entry.key
    if !ArtifactStore.isSafe(name: name) || name.contains(".") {
      fail(
        "`\(name)` cannot name a stage: letters, digits, '_' and '-', a letter or digit first",
        at: entry.keyOrigin)
    }
    guard let members = entry.value.members else {
      fail(
        "stage `\(name)` wants a mapping with `kind`, `inputs` and `with`, "
          + "found \(entry.value.found)", at: entry.value.origin)
      return nil
    }
    checkKeys(members, ["kind", "inputs", "with", "gate", "alarm"], of: "a stage")
    guard let kind = entry.value.member("kind") else {
      fail("stage `\(name)` has no `kind`", at: entry.keyOrigin)
      return nil
    }
    guard case .scalar(let word, _) = kind.value.content else {
      fail("`kind` wants a word, found \(kind.value.found)", at: kind.value.origin)
      return nil
    }
    let settings = entry.value.member("with")?.value ?? LocatedValue.empty
    var stage = Declared(
      name: name, origin: entry.keyOrigin, kind: catalogue.kind(word),
      composite: catalogue.composite(word), settings: settings)
    guard stage.kind != nil || stage.composite != nil else {
      fail(
        "there is no stage kind `\(word)`\(closing(word, among: catalogue.names)) "
          + "Kinds: \(catalogue.names.joined(separator: ", "))", at: kind.value.origin)
      return nil
    }
    if let kind = stage.kind {
      let (resolved, wrong) = kind.resolve(settings)
      note(wrong, of: stage)
      stage.resolved = resolved
    }
    readInputs(entry.value.member("inputs"), of: &stage)
    readWatches(entry.value, of: &stage)
    // A composite's settings are read with its inputs, when it is expanded; wrong ones are to be
    // told now, with everything else.
    if let composite = stage.composite {
      note(composite.expand(settings, stage.sources).1, of: stage)
    }
    return stage
  }

  mutating func note(_ wrong: [SettingProblem], of stage: Declared) {
    for problem in wrong {
      fail(problem.message, at: problem.origin == .program ? stage.origin : problem.origin)
    }
  }

  private mutating func readInputs(_ member: LocatedValue.Member?, of stage: inout Declared) {
    let given = member?.value.members ?? []
    if let value = member?.value, value.members == nil, !value.isNull {
      fail("`inputs` wants a mapping from slots to paths, found \(value.found)", at: value.origin)
      return
    }
    let slots = stage.slots
    checkKeys(given, slots.map(\.name), of: "the inputs of stage `\(stage.name)`")
    for slot in slots {
      guard let input = given.first(where: { $0.key == slot.name }), !input.value.isNull else {
        if !slot.arity.isOptional {
          let kinds = slot.accepts.map(\.rawValue).joined(separator: " or ")
          fail(
            "stage `\(stage.name)` needs the input `\(slot.name)` (\(kinds))", at: stage.origin)
        }
        continue
      }
      if let elements = input.value.elements, slot.arity.isList {
        for element in elements { add(element, to: slot, of: &stage) }
        if elements.isEmpty { fail("`\(slot.name)` is an empty list", at: input.value.origin) }
      } else {
        add(input.value, to: slot, of: &stage)
      }
    }
  }

  private mutating func add(_ value: LocatedValue, to slot: InputSlot, of stage: inout Declared) {
    guard case .scalar(let text, _) = value.content, !text.isEmpty else {
      fail("`\(slot.name)` wants a path or $stage, found \(value.found)", at: value.origin)
      return
    }
    let source: Source
    if text.hasPrefix("$") {
      let parts = text.dropFirst().split(
        separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
      source = .stage(String(parts.first ?? ""), output: parts.count > 1 ? String(parts[1]) : nil)
    } else {
      let path = text.hasPrefix("/") || directory == "." ? text : "\(directory)/\(text)"
      source = .path(path)
      if !Files.exists(path) {
        problems.append(
          RecipeDiagnostic("\(path) does not exist", at: value.origin, isMissingFile: true))
      }
    }
    stage.inputs[slot.name, default: []].append((source, value.origin))
  }

  /// Looks at each `$stage.output`: that it is there, and that its kind fits.
  mutating func checkReferences(
    of stage: Declared, in declared: OrderedDictionary<String, Declared>, names: [String]
  ) {
    for (slotName, sources) in stage.inputs {
      for (source, origin) in sources {
        guard case .stage(let name, let output) = source else { continue }
        guard let other = declared[name] else {
          if !names.contains(name) {
            fail("there is no stage `\(name)`\(didYouMean(name, among: names))", at: origin)
          }
          continue
        }
        let outputs = other.outputs
        let found = output.map { wanted in outputs.first { $0.name == wanted } } ?? outputs.first
        guard let found else {
          let known = outputs.map(\.name)
          fail(
            "stage `\(name)` has no output `\(output ?? "")`\(closing(output ?? "", among: known)) "
              + "Outputs: \(known.joined(separator: ", "))", at: origin)
          continue
        }
        guard let slot = stage.slots.first(where: { $0.name == slotName }) else { continue }
        if !slot.accepts.contains(found.kind) {
          let kinds = slot.accepts.map(\.rawValue).joined(separator: " or ")
          fail(
            "`\(slotName)` of stage `\(stage.name)` takes a \(kinds); "
              + "\(source.written) is a \(found.kind.rawValue)", at: origin)
        }
      }
    }
  }
}

extension GraphBuilder.Declared {
  var sources: [String: [Source]] {
    Dictionary(
      inputs.map { ($0.key, $0.value.map(\.source)) }, uniquingKeysWith: { first, _ in first })
  }
}
