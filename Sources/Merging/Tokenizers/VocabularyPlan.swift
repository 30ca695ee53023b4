import Checkpoints
import JSON
import OrderedCollections
import Suggestions

/// Brings the models' embeddings into one order of tokens, as `tokenizer` says.
struct VocabularyPlan {
  private let settings: TokenizerSettings
  private let models: [OpenedModel]
  private let vocabularies: [Vocabulary]
  /// The model whose row a missing token takes, where it has one: the base, or else the first.
  private let base: Int
  /// The model whose tokenizer's files the output has.
  let chosen: Int
  /// The output's tokens.
  private(set) var ids: OrderedDictionary<String, Int> = [:]
  /// `tokenizer.json`, where it is no model's own.
  private(set) var document: JSON?
  private(set) var faults: [ConfigurationFault] = []
  private(set) var report: VocabularyReport

  /// - Throws: whatever is wrong with the models' `tokenizer.json`.
  init(_ settings: TokenizerSettings, _ models: [OpenedModel]) throws {
    self.settings = settings
    self.models = models
    var vocabularies: [Vocabulary] = []
    for model in models {
      guard let vocabulary = try model.vocabulary() else {
        throw CheckpointError.content(
          path: model.name, key: "tokenizer.json",
          found: model.vocabularyFile.map { "only \($0.name)" } ?? "nothing",
          expected: "a vocabulary and its added tokens, which \"tokenizer\" is about")
      }
      vocabularies.append(vocabulary)
    }
    self.vocabularies = vocabularies
    base = 0
    var chosen = 0
    if case .model(let name) = settings.source {
      chosen = models.firstIndex { $0.name == name } ?? 0
    }
    self.chosen = chosen
    report = VocabularyReport(
      models: models.map(\.name), tokenCount: 0, rowCount: 0, movedCounts: [], decisions: [])
    switch settings.source {
    case .base, .model: ids = vocabularies[chosen].ids
    case .union:
      var union = VocabularyUnion(vocabularies[base])
      for vocabulary in vocabularies.dropFirst() { union.add(vocabulary) }
      ids = union.ids
      if !union.isBase { document = union.document }
    }
    checkTokens()
    let multiple = settings.padToMultipleOf ?? 1
    let rows = (ids.values.max() ?? -1) + 1
    report.tokenCount = ids.count
    report.rowCount = (rows + multiple - 1) / multiple * multiple
  }

  /// A token of the configuration that the output lacks, or a source that lacks it, is a slip.
  private mutating func checkTokens() {
    for token in settings.tokens {
      if ids[token.token] == nil {
        let known = Array(ids.keys.filter { abs($0.utf8.count - token.token.utf8.count) < 3 })
        faults.append(
          ConfigurationFault(
            .unknownToken(
              token.token, place: "the output", nearest: suggestion(for: token.token, among: known)),
            at: token.position))
      }
      guard let source = token.source, source != .zero, row(of: token, source) == nil else {
        continue
      }
      switch source {
      case .model(let name), .row(let name, _), .token(let name, _):
        let missing: String
        if case .token(_, let other) = source { missing = other } else { missing = token.token }
        faults.append(
          ConfigurationFault(
            .unknownToken(missing, place: name, nearest: nil), at: token.position))
      case .zero: break
      }
    }
  }

  private func row(
    of token: TokenizerSettings.Token, _ source: TokenizerSettings.Embedding
  ) -> RowSource? {
    func find(_ name: String, _ token: String) -> RowSource? {
      guard let model = models.firstIndex(where: { $0.name == name }) else { return nil }
      return row(token, model).map { .model(model, row: $0) }
    }
    switch source {
    case .zero: return .zero
    case .model(let name): return find(name, token.token)
    case .token(let name, let other): return find(name, other)
    case .row(let name, let row):
      guard let model = models.firstIndex(where: { $0.name == name }),
        row < rowCount(model)
      else { return nil }
      return .model(model, row: row)
    }
  }

  /// A token's row in a model; nil where the tokenizer or the embedding has none.
  private func row(_ token: String, _ model: Int) -> Int? {
    guard let row = vocabularies[model].ids[token], row < rowCount(model) else { return nil }
    return row
  }

  private func rowCount(_ model: Int) -> Int {
    models[model].embeddingNames.first.flatMap { models[model].information($0)?.shape.first } ?? 0
  }
}

extension VocabularyPlan {
  /// The models with their embeddings in the output's order; the report says where rows come from.
  mutating func remapped() -> [OpenedModel] {
    let counts = models.indices.map(rowCount)
    var rows = models.map { _ in
      [RowSource](repeating: .zero, count: report.rowCount)
    }
    report.movedCounts = models.map { _ in 0 }
    var said: [String: TokenizerSettings.Token] = [:]
    for token in settings.tokens { said[token.token] = token }
    for (token, id) in ids {
      let own = models.indices.map { model in
        vocabularies[model].ids[token].flatMap { $0 < counts[model] ? $0 : nil }
      }
      let setting = said[token]
      let common = setting.flatMap { setting in setting.source.flatMap { row(of: setting, $0) } }
      let fallback = common ?? fallback(own)
      for model in models.indices {
        if let row = own[model], setting?.isForced != true {
          rows[model][id] = .own(row)
          if row != id { report.movedCounts[model] += 1 }
        } else {
          rows[model][id] = fallback
        }
      }
      if setting != nil || own.contains(nil) {
        report.decisions.append(
          TokenDecision(token: token, id: id, sources: rows.map { words($0[id]) }))
      }
    }
    return apply(rows, counts)
  }

  /// The base's row, else the only one there is, else the mean of all.
  private func fallback(_ own: [Int?]) -> RowSource {
    if let row = own[base] { return .model(base, row: row) }
    let donors = own.enumerated().compactMap { model, row in
      row.map { RowSource.ModelRow(model: model, row: $0) }
    }
    if donors.count == 1 { return .model(donors[0].model, row: donors[0].row) }
    return donors.isEmpty ? .zero : .mean(donors)
  }

  private func apply(_ rows: [[RowSource]], _ counts: [Int]) -> [OpenedModel] {
    var result = models
    for index in models.indices {
      let isSame =
        counts[index] == report.rowCount
        && rows[index].enumerated().allSatisfy { $1 == .own($0) }
      if isSame { continue }
      let tensors = models[index].embeddingNames.compactMap { name -> RemappedRows? in
        guard let found = models[index].information(name) else { return nil }
        return RemappedRows(
          name: name, shape: [report.rowCount] + found.shape.dropFirst(),
          sources: models.map { model in
            guard let own = model.information(name),
              own.shape.dropFirst() == found.shape.dropFirst()
            else { return nil }
            return (model.weights, own.name)
          }, own: index, rows: rows[index])
      }
      result[index].replace(tensors)
    }
    return result
  }

  private func words(_ source: RowSource) -> String {
    switch source {
    case .own(let row): "own row \(row)"
    case .model(let model, let row): "row \(row) of \(models[model].name)"
    case .mean(let parts): "mean of \(parts.map { models[$0.model].name }.joined(separator: ", "))"
    case .zero: "zero"
    }
  }

  /// A number of the first model's configuration as the output's; nil of a token that is gone.
  func translated(_ id: Int) -> Int? {
    vocabularies[0].token(id).flatMap { ids[$0] }
  }
}

extension OpenedModel {
  /// The tensors with a row for each token that are stored: the embedding, and the projection if it is another.
  var embeddingNames: [String] {
    let named = weights.tensors.filter { tensor in
      let role = TensorPlace(name: tensor.name, depth: 0).role
      return role == "embed" && !tensor.name.contains("position") || role == "lm_head"
    }
    guard let rows = named.first?.shape.first else { return [] }
    return named.filter { $0.shape.first == rows }.map(\.name)
  }
}
