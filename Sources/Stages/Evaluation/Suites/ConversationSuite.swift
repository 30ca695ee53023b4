public import Datasets
import Generation
import JSON
import OrderedCollections
import Pipeline
import Rewards
import Text
import Transformers

/// Prompts that a reward model judges the answers to, of one turn or more: MT-bench, AlpacaEval, and a user's own.
///
/// A turn is answered behind the model's own earlier answers. Rewards come later, when the models have left the memory.
public struct ConversationSuite: EvaluationSuite {
  public let name: String
  public let settings: SamplingSettings
  let questions: SuiteQuestions
  /// What users say in later turns, by row.
  var laterTurns: [Int: [String]] = [:]
  /// Answers to be compared with, by row, where there is no baseline.
  var references: [Int: String] = [:]

  public var sampleCount: Int { settings.numGenerations }

  public func tasks(for model: LanguageModel) throws -> [SamplingPrompt] {
    try questions.prompts(for: model)
  }

  /// A later turn stands behind the answers to those before it; what its user says is not counted.
  public func load(of task: SamplingPrompt) -> TaskLoad {
    let turns = laterTurns[task.row]?.count ?? 0
    return .answers(
      promptLength: task.ids.count + turns * settings.completionLimit, settings)
  }

  public func items(
    of tasks: ArraySlice<SamplingPrompt>, _ asking: SuiteAsking
  ) throws -> [SuiteItem] {
    let first = try asking.answers(
      to: tasks.map { GenerationRequest(prompt: $0.ids, promptID: UInt64($0.row)) }, settings)
    var items = zip(tasks, first).map { task, answers in
      SuiteItem(
        row: task.row, prompt: task.prompt,
        reference: references[task.row].map { .string($0) } ?? nil,
        answers: answers.map { SuiteAnswer($0, judged: asking.judged($0)) })
    }
    let turns = items.map { laterTurns[$0.row]?.count ?? 0 }.max() ?? 0
    for turn in 0..<turns { try answer(turn, &items, asking) }
    return items
  }

  /// Asks a later turn, counted from 0, of every item that has it, behind each of its answers to the turn before.
  private func answer(_ turn: Int, _ items: inout [SuiteItem], _ asking: SuiteAsking) throws {
    var once = settings
    once.numGenerations = 1
    var requests: [GenerationRequest] = []
    var places: [(item: Int, prompt: Prompt)] = []
    for (index, item) in items.enumerated() {
      guard let later = laterTurns[item.row], turn < later.count else { continue }
      for (sample, answer) in item.answers.suffix(sampleCount).enumerated() {
        let prompt = Self.continued(
          answer.prompt ?? item.prompt, answer.judged ?? answer.text, then: later[turn])
        places.append((index, prompt))
        requests.append(
          GenerationRequest(
            prompt: try ids(prompt, asking.model), promptID: UInt64(item.row),
            sample: UInt32(sample)))
      }
    }
    let answers = try asking.answers(to: requests, once, turn: turn + 2)
    for (place, answer) in zip(places, answers.joined()) {
      items[place.item].answers.append(
        SuiteAnswer(answer, judged: asking.judged(answer), prompt: place.prompt))
    }
  }

  private func ids(_ prompt: Prompt, _ model: LanguageModel) throws -> [TokenID] {
    switch prompt {
    case .text(let text): model.tokenizer.encode(text: text)
    case .messages(let messages): try model.tokenizer.encode(prompt: messages)
    }
  }

  private static func continued(_ prompt: Prompt?, _ answer: String, then next: String) -> Prompt {
    switch prompt {
    case .messages(let messages):
      return .messages(
        messages + [
          ChatMessage(role: "assistant", content: answer), ChatMessage(role: "user", content: next),
        ])
    case .text(let text): return .text(text + answer + "\n\n" + next + "\n\n")
    case nil: return .text(next)
    }
  }

  /// The answers with the conversations that they stand in, in order; behind an item's own, its reference.
  func judgements(_ items: [SuiteItem]) -> [(prompt: Prompt, text: String)] {
    items.flatMap { item -> [(prompt: Prompt, text: String)] in
      guard let prompt = item.prompt else { return [] }
      let own = item.answers.map { ($0.prompt ?? prompt, $0.judged ?? $0.text) }
      return own + (item.reference.string.map { [(prompt, $0)] } ?? [])
    }
  }

  /// The items with the rewards of what `judgements` lists.
  func rewarded(_ items: [SuiteItem], _ rewards: [Double]) -> [SuiteItem] {
    var next = 0
    return items.map { item in
      var item = item
      guard item.prompt != nil else { return item }
      item.scores["reward"] = Score(Array(rewards[next..<next + item.answers.count]))
      next += item.answers.count
      if item.reference.string != nil {
        item.scores["reference_reward"] = Score([rewards[next]])
        next += 1
      }
      return item
    }
  }

  public func measures(_ items: [SuiteItem], baseline: [SuiteItem]?) -> [Measure] {
    var measures = [winRate(items, baseline), items.measure("mean_reward", .mean, score: "reward")]
    let turns = items.map { $0.answers.count / max(1, sampleCount) }.max() ?? 1
    for turn in 0..<turns where turns > 1 {
      let own = items.compactMap { item -> Cluster? in
        let values = item.scores["reward"]?.values.dropFirst(turn * sampleCount) ?? []
        return values.isEmpty ? nil : Cluster(id: item.row, Array(values.prefix(sampleCount)))
      }
      if !own.isEmpty { measures.append(Measure("mean_reward/turn_\(turn + 1)", .mean, own)) }
    }
    return measures.compactMap { $0 }
  }

  /// Answer against answer of the same prompt and turn, by reward; a tie is half a win.
  private func winRate(_ items: [SuiteItem], _ baseline: [SuiteItem]?) -> Measure? {
    let others = Dictionary(
      (baseline ?? []).map { ($0.row, $0.scores["reward"]?.values ?? []) },
      uniquingKeysWith: { first, _ in first })
    let clusters = items.compactMap { item -> Cluster? in
      guard let own = item.scores["reward"]?.values else { return nil }
      var other = others[item.row]
      if baseline == nil, let reference = item.scores["reference_reward"]?.values.first {
        other = Array(repeating: reference, count: own.count)
      }
      guard let other else { return nil }
      let wins = zip(own, other).map { $0 > $1 ? 1 : $0 == $1 ? 0.5 : 0 }
      return wins.isEmpty ? nil : Cluster(id: item.row, wins)
    }
    return clusters.isEmpty ? nil : Measure("win_rate", .share, clusters)
  }
}

extension ConversationSuite {
  /// Rows of MT-bench: `turns`, a list of texts.
  init(
    _ name: String, turnsOf path: String, _ settings: SamplingSettings, _ overlong: OverlongPolicy,
    _ select: (RowSet) -> RowSet
  ) throws {
    var later: [Int: [String]] = [:]
    let rows = try SuiteRows.read(path) { value, row throws(BadInput) in
      let turns = value["turns"]?.array?.compactMap(\.string) ?? []
      guard let first = turns.first else {
        throw BadInput("there is no \"turns\", a list of what the user says")
      }
      later[row] = Array(turns.dropFirst())
      return .problem(prompt: .text(first), answer: nil, fields: nil)
    }
    self.init(
      name: name, settings: settings,
      questions: Self.asked(select(rows), settings, overlong),
      laterTurns: later)
  }

  /// Texts as a user's messages, or as they are where there is no template.
  private static func asked(
    _ rows: RowSet, _ settings: SamplingSettings, _ overlong: OverlongPolicy
  ) -> SuiteQuestions {
    var questions = SuiteQuestions(rows, settings, overlong: overlong)
    questions.plain = ("", "\n\n")
    return questions
  }

  /// Rows of AlpacaEval: `instruction`, and `output` or `output_1` to be compared with.
  init(
    _ name: String, instructionsOf path: String, _ settings: SamplingSettings,
    _ overlong: OverlongPolicy, _ select: (RowSet) -> RowSet
  ) throws {
    var references: [Int: String] = [:]
    let rows = try SuiteRows.read(path) { value, row throws(BadInput) in
      guard let instruction = value["instruction"]?.string, !instruction.isEmpty else {
        throw BadInput("there is no \"instruction\", a text")
      }
      references[row] = value["output"]?.string ?? value["output_1"]?.string
      return .problem(prompt: .text(instruction), answer: nil, fields: nil)
    }
    self.init(
      name: name, settings: settings,
      questions: Self.asked(select(rows), settings, overlong),
      references: references)
  }
}
