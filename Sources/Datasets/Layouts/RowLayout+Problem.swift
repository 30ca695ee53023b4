internal import JSON
internal import OrderedCollections
internal import Text

extension RowLayout {
  /// A question with its answer: GSM8K, MATH, AIME, and verl's rows with
  /// `reward_model.ground_truth`.
  static let problem = RowLayout(
    name: "problem", fields: "question, problem or prompt with answer, solution or reward_model",
    recognises: {
      $0.first(of: "question", "problem", "prompt") != nil
        && ($0.first(of: "answer", "solution", "ground_truth") != nil
          || $0.value("reward_model")?["ground_truth"] != nil)
    },
    read: { fields throws(RowProblem) in
      .problem(
        prompt: try problemPrompt(fields), answer: try expectedAnswer(fields),
        fields: .object(fields.members))
    })

  /// A prompt to sample from, with nothing known about its answer.
  static let prompt = RowLayout(
    name: "prompt", fields: "prompt",
    recognises: { $0.has("prompt") },
    read: { fields throws(RowProblem) in
      .problem(
        prompt: try fields.prompt("prompt"), answer: nil, fields: .object(fields.members))
    })

  private static func problemPrompt(_ fields: RowFields) throws(RowProblem) -> Prompt {
    guard let name = fields.first(of: "question", "problem") else {
      return try fields.prompt("prompt")
    }
    let question = ChatMessage(role: "user", content: try fields.filledText(name))
    let system = try fields.optionalText("system")
    return .messages(Turns.adding(system: system, to: [question]))
  }

  private static func expectedAnswer(_ fields: RowFields) throws(RowProblem) -> String {
    if let truth = fields.value("reward_model")?["ground_truth"] {
      return try FinalAnswer.of(truth, field: "reward_model.ground_truth")
    }
    if let name = fields.first(of: "answer", "ground_truth"), let value = fields.value(name) {
      return try FinalAnswer.of(value, field: name)
    }
    guard fields.has("solution") else {
      let isNull = fields.members["answer"] != nil
      throw isNull ? .empty(field: "answer") : .missing(field: "answer")
    }
    let solution = try fields.filledText("solution")
    guard let answer = FinalAnswer.marked(in: solution) else { throw .noAnswer(field: "solution") }
    return answer
  }
}

/// The answer that a solution comes to.
enum FinalAnswer {
  /// What is marked as the answer, or else the whole value; whole numbers are written without `.0`.
  static func of(_ value: JSON, field: String) throws(RowProblem) -> String {
    if let whole = value.int { return String(whole) }
    if let number = value.double { return "\(number)" }
    let text = try RowFields.text(value, field: field)
    let answer = marked(in: text) ?? text.trimmed
    guard !answer.isEmpty else { throw .empty(field: field) }
    return answer
  }

  /// What follows the last `####`, or else stands in the last `\boxed{…}`.
  static func marked(in text: String) -> String? {
    let bytes = Array(text.utf8)
    if let start = last("####", in: bytes) {
      let line = bytes[(start + 4)...].prefix { $0 != UInt8(ascii: "\n") }
      return String(decoding: line, as: UTF8.self).trimmed
    }
    guard let start = last("\\boxed{", in: bytes) else { return nil }
    var depth = 1
    let contents = bytes[(start + 7)...].prefix { byte in
      if byte == UInt8(ascii: "{") { depth += 1 }
      if byte == UInt8(ascii: "}") { depth -= 1 }
      return depth > 0
    }
    return depth == 0 ? String(decoding: contents, as: UTF8.self).trimmed : nil
  }

  private static func last(_ marker: String, in bytes: [UInt8]) -> Int? {
    let marker = Array(marker.utf8)
    guard bytes.count >= marker.count else { return nil }
    return (0...bytes.count - marker.count).last { bytes[$0...].starts(with: marker) }
  }
}
