import Datasets
import Pipeline
import Text
import Transformers

/// The completions of a dataset's rows, as tokens behind their prompts.
struct ScoredRows {
  /// One completion.
  struct Text {
    /// Counted from one.
    var row: Int
    /// `chosen` or `rejected`, where a row has both.
    var part: String?
    var tokens: [Int32]
    /// Where the completion begins.
    var start: Int

    var completionCount: Int { tokens.count - start }
  }

  let file: String
  let tokenizer: ChatTokenizer
  let shape: TransformerShape

  func texts(of located: LocatedRow) throws -> [Text] {
    let texts: [Text]
    do { texts = try completions(of: located.content, row: located.row) } catch {
      throw Failure(.badInput, "\(file):\(located.line): row \(located.row): \(error)")
    }
    for text in texts { try check(text, located) }
    return texts
  }

  private func completions(of content: Row, row: Int) throws -> [Text] {
    switch content {
    case .completion(let prompt, let completion), .unpaired(let prompt, let completion, _):
      return [try text(prompt, completion, row, nil)]
    case .conversation(let messages):
      let answer = messages.last?.content ?? ""
      return [try text(.messages(Array(messages.dropLast())), answer, row, nil)]
    case .preference(let prompt, let chosen, let rejected, _):
      return [
        try text(prompt, chosen, row, "chosen"), try text(prompt, rejected, row, "rejected"),
      ]
    case .problem(let prompt, let answer?, _):
      return [try text(prompt, answer, row, nil)]
    case .problem:
      throw RowProblem.wrongUse(row: content.kind, use: "scoring: it has no completion")
    case .text(let text):
      // The first token has nothing before it, so it has no probability.
      let tokens = tokenizer.encode(text: text)
      return [Text(row: row, part: nil, tokens: tokens, start: min(1, tokens.count))]
    }
  }

  private func text(
    _ prompt: Prompt, _ completion: String, _ row: Int, _ part: String?
  ) throws -> Text {
    switch prompt {
    case .messages(let messages):
      let (before, answer) = try tokenizer.encode(prompt: messages, answer: completion)
      return Text(row: row, part: part, tokens: before + answer, start: before.count)
    case .text(let text):
      let before = tokenizer.encode(text: text)
      let whole = tokenizer.encode(text: text + completion)
      let rest =
        whole.starts(with: before)
        ? Array(whole[before.count...]) : tokenizer.encode(continuation: completion)
      let end = try tokenizer.endOfText()
      return Text(row: row, part: part, tokens: before + rest + [end], start: before.count)
    }
  }

  private func check(_ text: Text, _ located: LocatedRow) throws {
    let place = "\(file):\(located.line): row \(located.row)"
    guard text.start > 0, text.completionCount > 0 else {
      throw Failure(.badInput, "\(place): the prompt or the completion has no tokens")
    }
    guard text.tokens.count <= shape.maximumPosition else {
      throw Failure(
        .badInput,
        "\(place): \(text.tokens.count) tokens, and the model has \(shape.maximumPosition) positions"
      )
    }
    if let id = text.tokens.first(where: { $0 < 0 || $0 >= shape.vocabularySize }) {
      throw Failure(
        .badInput,
        "\(place): the tokenizer gives the id \(id), and the model has \(shape.vocabularySize) tokens"
      )
    }
  }
}
