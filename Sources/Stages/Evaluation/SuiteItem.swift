public import Datasets
import Generation
public import JSON
public import OrderedCollections
import Rewards

/// An answer of a model, as it is kept to be read.
public struct SuiteAnswer: Sendable, Equatable {
  /// What it answered, where that is not the item's prompt: a later turn's conversation.
  public var prompt: Prompt?
  public var text: String
  /// The part that is judged, where that is not all: without the thinking.
  public var judged: String?
  /// Its tokens, with the one that ended it.
  public var tokens: Int
  /// Whether the model ended it itself.
  public var hasEnded: Bool

  init(_ completion: SampledCompletion, judged: String, prompt: Prompt? = nil) {
    self.prompt = prompt
    text = completion.text
    self.judged = judged == text ? nil : judged
    tokens = completion.completion.tokens.count
    hasEnded = completion.hasEnded
  }
}

/// What was found of one task: numbers, and over how many observations.
public struct Score: Sendable, Equatable {
  /// One for each answer, or for each thing that is judged of it.
  public var values: [Double]
  /// Observations, where they are not as many as the numbers.
  public var weight: Double?

  public init(_ values: [Double], weight: Double? = nil) {
    self.values = values
    self.weight = weight
  }

  func cluster(_ row: Int) -> Cluster {
    Cluster(
      id: row, sum: values.reduce(0, +), weight: weight ?? Double(values.count))
  }
}

/// One task with what a model made of it: a line of `generations.jsonl`.
public struct SuiteItem: Sendable, Equatable {
  /// The data's row, counted from 1.
  public var row: Int
  public var prompt: Prompt?
  /// The right answer, the instructions, the place of a needle: whatever it was judged by.
  public var reference: JSON
  public var answers: [SuiteAnswer]
  public var scores: OrderedDictionary<String, Score>

  public init(
    row: Int, prompt: Prompt? = nil, reference: JSON = nil, answers: [SuiteAnswer] = [],
    scores: OrderedDictionary<String, Score> = [:]
  ) {
    self.row = row
    self.prompt = prompt
    self.reference = reference
    self.answers = answers
    self.scores = scores
  }
}

extension [SuiteItem] {
  /// The figure that a score is on its own; nil where no item has it.
  func measure(_ name: String, _ kind: Measure.Kind, score: String? = nil) -> Measure? {
    let clusters = compactMap { item in item.scores[score ?? name]?.cluster(item.row) }
    return clusters.isEmpty ? nil : Measure(name, kind, clusters.filter { $0.weight > 0 })
  }
}

extension SuiteItem {
  /// As `generations.jsonl` has it.
  var json: JSON {
    var json: JSON = ["row": .integer(row)]
    if let prompt { json["prompt"] = prompt.json }
    if !reference.isNull { json["reference"] = reference }
    json["answers"] = .array(answers.map(\.json))
    json["scores"] = .object(
      scores.mapValues { score in
        var json: JSON = ["values": .array(score.values.map { .number($0) })]
        if let weight = score.weight { json["weight"] = .number(weight) }
        return json
      })
    return json
  }

  /// Reads what `json` wrote; nil where it is something else.
  init?(_ json: JSON) {
    guard let row = json["row"]?.int, let answers = json["answers"]?.array,
      let scores = json["scores"]?.object
    else { return nil }
    self.init(
      row: row, prompt: json["prompt"].flatMap(Prompt.init),
      reference: json["reference"] ?? nil, answers: answers.compactMap(SuiteAnswer.init))
    guard self.answers.count == answers.count else { return nil }
    for (name, score) in scores {
      let values = score["values"]?.array ?? []
      self.scores[name] = Score(values.map { $0.double ?? .nan }, weight: score["weight"]?.double)
    }
  }
}

extension SuiteAnswer {
  var json: JSON {
    var json: JSON = [:]
    if let prompt { json["prompt"] = prompt.json }
    json["text"] = .string(text)
    if let judged { json["judged"] = .string(judged) }
    json["tokens"] = .integer(tokens)
    json["finish_reason"] = .string(hasEnded ? "stop" : "length")
    return json
  }

  init?(_ json: JSON) {
    guard let text = json["text"]?.string, let tokens = json["tokens"]?.int,
      let reason = json["finish_reason"]?.string
    else { return nil }
    prompt = json["prompt"].flatMap(Prompt.init)
    self.text = text
    judged = json["judged"]?.string
    self.tokens = tokens
    hasEnded = reason == "stop"
  }
}
