import Artifacts
import JSON
import Merging
import OrderedCollections
import Pipeline

/// A search on its way: which candidates were tried and what they are worth.
struct MergeSearch {
  let space: SearchSpace
  let parentNames: [String]
  /// The figures that count, in their order.
  private(set) var scoreNames: [String] = []
  private(set) var parents: [ScoredCandidate] = []
  /// In the order in which they were tried.
  private(set) var candidates: [ScoredCandidate] = []

  private let settings: MergeSearchStage.Settings
  private let context: StageContext
  private let inputs: OrderedDictionary<String, [String]>
  private let base: String?
  private let cache: String

  init(
    _ settings: MergeSearchStage.Settings, _ context: StageContext,
    inputs: OrderedDictionary<String, [String]>
  ) throws {
    self.settings = settings
    self.context = context
    self.inputs = inputs
    let models = context.inputs("models")
    if let names = settings.names, names.count != models.count {
      throw BadInput(
        "there are \(models.count) models and \(names.count) names, where one each would be right")
    }
    parentNames = settings.names ?? models.indices.map(MergeLinks.model)
    let links = models.indices.map(MergeLinks.model)
    let needsBase = MergeMethods.named(settings.own.mergeMethod)?.base == .required
    base =
      context.optionalInput("base") != nil ? MergeLinks.base : needsBase ? links.first : nil
    // A base among the models is none of those that are merged.
    let count = needsBase && context.optionalInput("base") == nil ? models.count - 1 : models.count
    guard
      let space = SearchSpace(
        method: settings.own.mergeMethod, modelCount: count, parameters: settings.own.bounds,
        groups: settings.own.layerGroups), !space.axes.isEmpty
    else { throw BadInput("`\(settings.own.mergeMethod)` has nothing that could be tuned") }
    self.space = space
    cache = "\(context.work)/scores"
    try Files.makeDirectory(cache)
    try MergeLinks.make(
      in: context.work, models: models, base: context.optionalInput("base"), names: links)
  }

  private var mergedLinks: [String] {
    let links = context.inputs("models").indices.map(MergeLinks.model)
    return base == links.first ? Array(links.dropFirst()) : links
  }

  mutating func scoreParents() throws {
    context.report(.note("parents"))
    let found = try figures(
      keys: ["parents"], yamls: [:], models: context.inputs("models"), names: parentNames)
    scoreNames =
      settings.own.scores ?? ["accuracy", "win_rate"].filter { found.first?[$0] != nil }
    for name in scoreNames where found.contains(where: { $0[name] == nil }) {
      let known = found.first.map { Array($0.keys) } ?? []
      throw BadInput(
        "the evaluation has no figure `\(name)`; with these inputs there is "
          + known.joined(separator: ", "))
    }
    guard !scoreNames.isEmpty else {
      throw BadInput(
        "nothing is measured that could be compared: give `problems`, or `prompts` with `reward` and `baseline`"
      )
    }
    parents = zip(parentNames, found).map { name, figures in
      ScoredCandidate(
        name: name, yaml: nil, values: [], scores: scores(figures), combined: 0)
    }
    for index in parents.indices { parents[index].combined = combined(parents[index].scores) }
  }

  /// Larger is better: of losses and perplexities the negative.
  func scores(_ figures: OrderedDictionary<String, Double>) -> [Double] {
    scoreNames.map { name in
      let value = figures[name] ?? 0
      return Self.isLoss(name) ? -value : value
    }
  }

  /// Whether less of a figure is better.
  static func isLoss(_ name: String) -> Bool {
    name == "loss" || name.hasSuffix("/loss") || name.hasSuffix("perplexity")
  }

  private func combined(_ scores: [Double]) -> Double {
    settings.own.combine.combined(scores, parents: parents.map(\.scores))
  }

  /// Tries candidates until the budget is used up, the time is over, or the strategy has no more.
  mutating func explore() throws {
    let standard = 1 / Double(max(1, space.modelCount))
    let isAdditive = base != nil
    let start = space.point { axis in
      switch axis.parameter {
      case "weight": isAdditive ? 1 : standard
      case "lambda", "density": 1
      default: 0.5
      }
    }
    var strategy = settings.own.strategy.make(
      start: start, budget: settings.own.budget, seed: context.seed)
    let begin = ContinuousClock.now
    while candidates.count < settings.own.budget {
      if let minutes = settings.own.minutes,
        (ContinuousClock.now - begin) / .seconds(60) >= minutes
      {
        break
      }
      if context.shouldStop { throw Interrupted() }
      let points = strategy.ask().prefix(settings.own.budget - candidates.count)
      guard !points.isEmpty else { break }
      let tried = try score(Array(points))
      candidates += tried
      strategy.tell(tried.map(\.combined))
      let best = candidates.map(\.combined).max() ?? 0
      context.report(
        .progress(
          "candidates, the best \((best * 1000).rounded() / 1000)", done: candidates.count,
          of: settings.own.budget))
    }
  }

  private func score(_ points: [[Double]]) throws -> [ScoredCandidate] {
    var yamls: OrderedDictionary<String, String> = [:]
    let keys = points.map { point in
      let yaml = configuration(point)
      let key = Digest.of(yaml).hex
      yamls[key] = yaml
      return key
    }
    let figures = try figures(keys: keys, yamls: yamls, models: [], names: [])
    return points.indices.map { index in
      let scores = scores(figures[index])
      return ScoredCandidate(
        name: "candidate-\(candidates.count + index + 1)", yaml: yamls[keys[index]],
        values: space.values(points[index]), scores: scores, combined: combined(scores))
    }
  }

  private func configuration(_ point: [Double]) -> String {
    space.configuration(
      point, models: mergedLinks, base: base,
      fixed: settings.own.parameters.sorted { $0.key < $1.key }.map { ($0.key, "\($0.value)") },
      elementType: settings.own.dtype?.rawValue, seed: context.seed)
  }
}

extension MergeSearch {
  /// The figures of models under keys: kept ones, or made ones; candidates are merged, measured together, and removed.
  private func figures(
    keys: [String], yamls: OrderedDictionary<String, String>, models: [String], names: [String]
  ) throws -> [OrderedDictionary<String, Double>] {
    if keys == ["parents"] {
      if let kept = kept("parents") { return kept }
      let found = try evaluate(models, names)
      try keep(found, "parents")
      return found
    }
    var missing: [String] = []
    for key in keys where kept(key) == nil && !missing.contains(key) { missing.append(key) }
    if !missing.isEmpty {
      var folders: [String] = []
      for key in missing {
        let folder = "\(context.work)/candidates/\(key.prefix(16))"
        try Files.remove(folder)
        try Files.makeDirectory(Files.directory(of: folder))
        try plan(yamls[key] ?? "").execute(output: folder)
        folders.append(folder)
      }
      let found = try evaluate(folders, missing.indices.map { "candidate-\($0 + 1)" })
      for (key, figures) in zip(missing, found) { try keep([figures], key) }
      for folder in folders { try Files.remove(folder) }
    }
    return keys.map { kept($0)?.first ?? [:] }
  }

  private func evaluate(
    _ models: [String], _ names: [String]
  ) throws -> [OrderedDictionary<String, Double>] {
    try CandidateScores(settings: settings.base, context: context, inputs: inputs).figures(
      of: models, names: names, report: "\(context.work)/report")
  }

  private func kept(_ key: String) -> [OrderedDictionary<String, Double>]? {
    guard let bytes = try? Files.read("\(cache)/\(key).json", limit: 1 << 20),
      let lists = try? JSON(parsing: bytes).array
    else { return nil }
    return lists.map { list in
      var figures: OrderedDictionary<String, Double> = [:]
      for (name, value) in list.object ?? [:] { figures[name] = value.double }
      return figures
    }
  }

  private func keep(_ figures: [OrderedDictionary<String, Double>], _ key: String) throws {
    let json = JSON.array(figures.map { .object($0.mapValues(JSON.number)) })
    try Files.replace("\(cache)/\(key).json", with: Array(json.serialized(.compact).utf8))
  }

  private func plan(_ yaml: String) throws -> MergePlan {
    do {
      return try MergePlan(MergeConfiguration(yaml: yaml), relativeTo: context.work)
    } catch let error as MergeError {
      throw BadInput("\(error)")
    }
  }

  /// The candidate with the best combined score, of equal ones the first.
  func winner() throws -> ScoredCandidate {
    var best: ScoredCandidate?
    for candidate in candidates where candidate.combined > best?.combined ?? -.infinity {
      best = candidate
    }
    guard let best else {
      throw BadInput("no candidate was tried: budget or minutes are too small")
    }
    return best
  }

  func merge(_ candidate: ScoredCandidate, to output: String) throws {
    try plan(candidate.yaml ?? "").execute(output: output)
  }
}
