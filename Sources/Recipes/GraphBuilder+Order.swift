internal import OrderedCollections
internal import Pipeline

extension GraphBuilder {
  /// The stages so that each comes after those it reads from; otherwise in the file's order.
  mutating func order(_ declared: OrderedDictionary<String, Declared>) -> [Declared] {
    var ordered: [Declared] = []
    var done: Set<String> = []
    var left = Array(declared.values)
    while !left.isEmpty {
      let ready = left.firstIndex { stage in
        stage.predecessors.allSatisfy { done.contains($0) || declared[$0] == nil }
      }
      guard let ready else {
        tellCycle(left)
        break
      }
      done.insert(left[ready].name)
      ordered.append(left.remove(at: ready))
    }
    return ordered
  }

  private mutating func tellCycle(_ left: [Declared]) {
    guard var stage = left.first else { return }
    let stuck = Set(left.map(\.name))
    var path: [String] = []
    while !path.contains(stage.name) {
      path.append(stage.name)
      guard let next = stage.predecessors.first(where: { stuck.contains($0) }),
        let found = left.first(where: { $0.name == next })
      else { return }
      stage = found
    }
    let cycle = path.drop { $0 != stage.name } + [stage.name]
    fail("stages wait for each other: \(cycle.joined(separator: " ← "))", at: stage.origin)
  }

  /// Adds a stage, or all that it stands for, with references resolved.
  mutating func append(_ stage: Declared, to graph: inout StageGraph) {
    if let kind = stage.kind, let resolved = stage.resolved {
      var inputs: OrderedDictionary<String, [Source]> = [:]
      for slot in kind.inputs {
        guard let sources = stage.inputs[slot.name] else { continue }
        inputs[slot.name] = sources.map { graph.resolve($0.source, composites: composites) }
      }
      var node = StageNode(
        name: stage.name, kind: kind, settings: resolved, inputs: inputs, origin: stage.origin)
      node.gates = stage.watches.gates.map(\.gate)
      node.alarms = stage.watches.alarms.map(\.alarm)
      append(node, to: &graph)
    } else if let composite = stage.composite {
      expand(stage, composite, into: &graph)
    }
  }

  /// Adds a stage behind those that it wants made beforehand.
  private mutating func append(_ node: StageNode, to graph: inout StageGraph) {
    var node = node
    let given = Dictionary(uniqueKeysWithValues: node.inputs.map { ($0.key, $0.value) })
    let wanted: [Preparation]
    do { wanted = try node.kind.preparations(node.settings.all, given) } catch {
      fail("in \(node.name): \(error)", at: node.origin)
      return
    }
    for preparation in wanted {
      let name = "\(node.name).\(preparation.name)"
      guard let kind = catalogue.kind(preparation.kind) else {
        fail("`\(name)` is of the unknown kind `\(preparation.kind)`", at: node.origin)
        continue
      }
      let (resolved, wrong) = kind.resolve(LocatedValue(preparation.settings))
      for problem in wrong { fail("in \(name): \(problem.message)", at: node.origin) }
      guard let resolved else { continue }
      var inputs: OrderedDictionary<String, [Source]> = [:]
      for slot in kind.inputs {
        let found = preparation.inputs.first { $0.slot == slot.name }?.sources ?? []
        if !found.isEmpty { inputs[slot.name] = found }
      }
      graph.stages.append(
        StageNode(name: name, kind: kind, settings: resolved, inputs: inputs, origin: node.origin))
      node.inputs[preparation.slot] = [.stage(name, output: nil)]
    }
    graph.stages.append(node)
  }

  private mutating func expand(
    _ stage: Declared, _ composite: CompositeKind, into graph: inout StageGraph
  ) {
    let given = stage.sources.mapValues { $0.map { graph.resolve($0, composites: composites) } }
    guard let expansion = composite.expand(stage.settings, given).0 else { return }
    let main = composite.outputs.first.flatMap { expansion.outputs[$0.name] }?.part ?? ""
    var parts: OrderedSet<String> = []
    for declaration in expansion.stages { parts.append(declaration.part) }
    checkParts(stage.watches, among: Array(parts))
    for declaration in expansion.stages {
      let name = "\(stage.name)/\(declaration.name)"
      guard let kind = catalogue.kind(declaration.kind) else {
        fail("`\(name)` is of the unknown kind `\(declaration.kind)`", at: stage.origin)
        continue
      }
      let (resolved, wrong) = kind.resolve(LocatedValue(declaration.settings))
      for problem in wrong { fail("in \(name): \(problem.message)", at: stage.origin) }
      guard let resolved else { continue }
      var inputs: OrderedDictionary<String, [Source]> = [:]
      for slot in kind.inputs {
        guard let sources = declaration.inputs.first(where: { $0.slot == slot.name })?.sources,
          !sources.isEmpty
        else { continue }
        inputs[slot.name] = sources.map { $0.within(stage.name) }
      }
      var node = StageNode(
        name: name, kind: kind, settings: resolved, inputs: inputs, origin: stage.origin)
      watch(&node, by: stage.watches, part: declaration.part, main: declaration.part == main)
      append(node, to: &graph)
    }
    composites[stage.name] = Composite(
      outputs: expansion.outputs.mapValues { $0.within(stage.name) },
      main: composite.outputs.first?.name ?? "")
    if let main = composites[stage.name]?.source(nil) { graph.aliases[stage.name] = main }
  }
}

/// A composite stage that has been expanded: its outputs are other stages'.
struct Composite: Sendable {
  var outputs: [String: Source]
  var main: String

  func source(_ output: String?) -> Source? { outputs[output ?? main] }
}

extension StageGraph {
  fileprivate func resolve(_ source: Source, composites: [String: Composite]) -> Source {
    guard case .stage(let name, let output) = source else { return source }
    return composites[name]?.source(output) ?? source
  }
}

extension StageDeclaration {
  /// What it is in any round: `train` of `2/train`.
  fileprivate var part: String { name.split(separator: "/").last.map(String.init) ?? name }
}

extension Source {
  /// Which part of an expansion it is, as `StageDeclaration.part` names it.
  fileprivate var part: String? {
    guard case .sibling(let name, _) = self else { return nil }
    return name.split(separator: "/").last.map(String.init)
  }

  /// A sibling's full name.
  fileprivate func within(_ composite: String) -> Source {
    guard case .sibling(let name, let output) = self else { return self }
    return .stage("\(composite)/\(name)", output: output)
  }
}
