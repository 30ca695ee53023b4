import Artifacts
import Datasets
import JSON
import OrderedCollections
import Pipeline
import Text

/// A prompt with its answers: a line of `completions.jsonl`; with scores, a line of `scores.jsonl`.
struct CompletionRow: Sendable, Equatable {
  /// The data's row, counted from 1.
  var row: Int
  var prompt: Prompt
  /// The right answer, if it is known.
  var answer: String?
  var completions: [SampledCompletion]
  /// One for each completion; empty before scoring.
  var scores: [Double] = []
  /// By reward, in the recipe's order: its own scores before weighting.
  var rewards: OrderedDictionary<String, [Double]> = [:]
}

extension CompletionRow {
  var json: JSON {
    var json: JSON = ["row": .integer(row), "prompt": prompt.json]
    if let answer { json["answer"] = .string(answer) }
    json["completions"] = .array(completions.map(\.json))
    if !scores.isEmpty { json["scores"] = .array(scores.map { .number($0) }) }
    if !rewards.isEmpty {
      json["rewards"] = .object(rewards.mapValues { .array($0.map { .number($0) }) })
    }
    return json
  }

  /// Reads a line; `place` says where it stands.
  ///
  /// - Throws: `BadInput` with what was found and what would be right.
  init(_ json: JSON, row: Int, place: String) throws {
    func wrong(_ key: String, _ expected: String) -> BadInput {
      let found = json[key].map { "\($0.kind)" } ?? "missing"
      return BadInput("\(place): \"\(key)\" is \(found), where \(expected) would be right")
    }
    self.row = json["row"]?.int ?? row
    guard let prompt = json["prompt"].flatMap(Prompt.init) else {
      throw wrong("prompt", "a text or messages of {role, content}")
    }
    self.prompt = prompt
    answer = json["answer"]?.string
    let expected = "a list of {text, tokens, logprobs, finish_reason}"
    guard let elements = json["completions"]?.array else { throw wrong("completions", expected) }
    completions = elements.compactMap(SampledCompletion.init)
    guard completions.count == elements.count else { throw wrong("completions", expected) }
    if let values = json["scores"]?.array {
      scores = values.compactMap(\.double)
      guard scores.count == elements.count else {
        throw wrong("scores", "a number for each of the \(elements.count) completions")
      }
    }
    for (name, values) in json["rewards"]?.object ?? [:] {
      rewards[name] = (values.array ?? []).map { $0.double ?? .nan }
    }
  }

  /// The rows of a file, or of the file of this name in a directory.
  static func read(_ path: String, name: String) throws -> [CompletionRow] {
    let isDirectory = try Files.status(path)?.kind == .directory
    let file = isDirectory ? "\(path)/\(name)" : path
    let bytes = try Files.read(file, limit: 1 << 34)
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    var rows: [CompletionRow] = []
    for (index, line) in lines.enumerated() where !line.isEmpty {
      let place = "\(file):\(index + 1)"
      let json: JSON
      do { json = try JSON(parsing: line) } catch {
        throw BadInput("\(place): not JSON: \(error.message) (column \(error.column))")
      }
      rows.append(try CompletionRow(json, row: rows.count + 1, place: place))
    }
    guard !rows.isEmpty else { throw BadInput("\(file) holds no completions") }
    return rows
  }

  /// The lines of rows, each with its end.
  static func lines(_ rows: [CompletionRow]) -> [UInt8] {
    rows.flatMap { Array(($0.json.serialized(.compact) + "\n").utf8) }
  }
}

extension Prompt {
  /// A text, or messages of `{role, content}`.
  var json: JSON {
    switch self {
    case .text(let text): return .string(text)
    case .messages(let messages):
      return .array(
        messages.map { message in
          var json: JSON = ["role": .string(message.role), "content": .string(message.content)]
          if let reasoning = message.reasoningContent {
            json["reasoning_content"] = .string(reasoning)
          }
          return json
        })
    }
  }

  /// Reads what `json` wrote; nil where it is neither.
  init?(_ json: JSON) {
    if let text = json.string {
      self = .text(text)
      return
    }
    guard let elements = json.array, !elements.isEmpty else { return nil }
    var messages: [ChatMessage] = []
    for element in elements {
      guard let role = element["role"]?.string, let content = element["content"]?.string else {
        return nil
      }
      messages.append(
        ChatMessage(
          role: role, content: content, reasoningContent: element["reasoning_content"]?.string))
    }
    self = .messages(messages)
  }
}
