import Datasets
import Generation
import JSON
import Text
import Transformers

/// Rows that are asked as they stand or as a user's message, and the limit of their length.
public struct SuiteQuestions: Sendable {
  var rows: RowSet
  /// The most tokens of a prompt; nil is what the model's positions leave room for.
  var maxPromptLength: Int?
  var overlong = OverlongPolicy.error
  /// Written behind the last user's message, such as how an answer is to be marked.
  var suffix = ""
  /// How a question is put to a model without a chat template: what comes before and behind it.
  ///
  /// Nil puts texts as they are to every model, and messages to none without a template.
  var plain: (before: String, after: String)?

  init(_ rows: RowSet, _ settings: SamplingSettings, overlong: OverlongPolicy) {
    self.rows = rows
    maxPromptLength = settings.maxPromptLength
    self.overlong = overlong
  }

  /// The prompts in the model's tokens.
  func prompts(for model: LanguageModel) throws -> [SamplingPrompt] {
    let longest = min(maxPromptLength ?? model.longestPrompt, model.longestPrompt)
    var rows = rows
    rows.rows = rows.rows.map { asked($0, hasTemplate: model.tokenizer.template != nil) }
    return try PromptDataset(
      rows, encoding: model.tokenizer, limit: LengthLimit(maximum: longest, policy: overlong)
    ).prompts
  }

  private func asked(_ row: LocatedRow, hasTemplate: Bool) -> LocatedRow {
    guard case .problem(let prompt, let answer, let fields) = row.content else { return row }
    return LocatedRow(
      row: row.row, line: row.line,
      content: .problem(
        prompt: asked(prompt, hasTemplate: hasTemplate), answer: answer, fields: fields))
  }

  private func asked(_ prompt: Prompt, hasTemplate: Bool) -> Prompt {
    switch (prompt, plain) {
    case (.text(let text), .some) where hasTemplate:
      return .messages([ChatMessage(role: "user", content: text + suffix)])
    case (.messages(var messages), _) where hasTemplate && !suffix.isEmpty:
      guard let last = messages.lastIndex(where: { $0.role == "user" }) else { return prompt }
      messages[last].content += suffix
      return .messages(messages)
    case (_, .some(let plain)) where !hasTemplate:
      return .text(plain.before + prompt.plainText + plain.after)
    default: return prompt
    }
  }
}
