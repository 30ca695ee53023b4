public import JSON
public import Text

/// A prompt to sample answers to.
public struct SamplingPrompt: Sendable, Equatable {
  public var ids: [TokenID]
  public var prompt: Prompt

  /// The right answer, if it is known.
  public var answer: String?

  /// The row it came from, counted from one, and its fields for rewards to look into.
  public var row: Int
  public var fields: JSON

  public init(ids: [TokenID], prompt: Prompt, answer: String?, row: Int, fields: JSON) {
    self.ids = ids
    self.prompt = prompt
    self.answer = answer
    self.row = row
    self.fields = fields
  }
}

/// Prompts for sampling: problems with answers, or what other rows ask before they answer.
public struct PromptDataset: Sendable {
  public let prompts: [SamplingPrompt]
  public let report: DatasetReport

  /// The limit is on the prompt alone; a cut prompt asks something else, so `truncate` drops it.
  public init(
    _ rows: RowSet, encoding: some ExampleEncoding, limit: LengthLimit
  ) throws(DatasetError) {
    var ledger = ExampleLedger(rows, limit: limit)
    prompts = ledger.examples(of: rows.rows) { row, ledger in
      let (prompt, answer, fields) = try Self.question(row.content)
      let ids = try encoding.encode(prompt)
      let length = ledger.allowance(tokens: ids.count, promptTokens: ids.count, row: row)
      guard length != nil else { return nil }
      return SamplingPrompt(
        ids: ids, prompt: prompt, answer: answer, row: row.row, fields: fields)
    }
    report = try ledger.close()
  }

  private static func question(
    _ row: Row
  ) throws(RowProblem) -> (prompt: Prompt, answer: String?, fields: JSON) {
    switch row {
    case .problem(let prompt, let answer, let fields): (prompt, answer, fields)
    case .preference(let prompt, _, _, _): (prompt, nil, .null)
    case .completion(let prompt, _), .unpaired(let prompt, _, _): (prompt, nil, .null)
    case .conversation(let messages): (.messages(Array(messages.dropLast())), nil, .null)
    case .text: throw .wrongUse(row: row.kind, use: "sampling")
    }
  }
}
