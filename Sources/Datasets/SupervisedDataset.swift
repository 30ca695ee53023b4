public import Text

/// One sequence to learn from.
public struct TokenSequence: Sendable, Equatable {
  public var ids: [TokenID]

  /// Whether each token is one that the model should have foretold; the first one cannot be.
  ///
  /// By position, never by the token's id: a text may hold the id that pads or ends others.
  public var isTarget: [Bool]

  public init(ids: [TokenID], isTarget: [Bool]) {
    precondition(ids.count == isTarget.count, "\(ids.count) tokens, \(isTarget.count) targets")
    self.ids = ids
    self.isTarget = isTarget
  }

  /// How many tokens are foretold.
  public var targetCount: Int { isTarget.dropFirst().count { $0 } }
}

/// Which tokens of a conversation are learnt.
public enum Supervision: String, Sendable, Codable {
  /// What the assistant says, with the token that ends its turn.
  case assistant

  /// Also every message's start and end and the line feed behind the end, the system's and the
  /// user's too, as 360Zhinao's finetune.py does.
  case zhinao
}

/// Sequences for supervised fine-tuning: conversations, prompts with completions, plain texts.
public struct SupervisedDataset: Sendable {
  public let sequences: [TokenSequence]
  public let report: DatasetReport

  public init(
    _ rows: RowSet, encoding: some ExampleEncoding, supervision: Supervision = .assistant,
    limit: LengthLimit
  ) throws(DatasetError) {
    var ledger = ExampleLedger(rows, limit: limit)
    sequences = ledger.examples(of: rows.rows) { row, ledger in
      var sequence = try Self.sequence(row.content, encoding, supervision)
      let first = sequence.isTarget.dropFirst().firstIndex(of: true)
      guard let first else { throw RowProblem.nothingToLearn }
      let length = ledger.allowance(
        tokens: sequence.ids.count, promptTokens: first, row: row)
      guard let length else { return nil }
      sequence.ids.removeLast(sequence.ids.count - length)
      sequence.isTarget.removeLast(sequence.isTarget.count - length)
      return sequence
    }
    report = try ledger.close()
  }

  private static func sequence(
    _ row: Row, _ encoding: some ExampleEncoding, _ supervision: Supervision
  ) throws -> TokenSequence {
    switch row {
    case .text(let text):
      let ids = try encoding.encode(text: text) + [encoding.endOfText()]
      return TokenSequence(ids: ids, isTarget: [Bool](repeating: true, count: ids.count))
    case .conversation(let messages):
      let (ids, isTarget) = try encoding.encode(
        conversation: messages, supervision: supervision)
      return TokenSequence(ids: ids, isTarget: isTarget)
    case .completion(let prompt, let completion):
      let (prompt, answer) = try encoding.encode(prompt, answer: completion)
      return TokenSequence(
        ids: prompt + answer,
        isTarget: [Bool](repeating: false, count: prompt.count)
          + [Bool](repeating: true, count: answer.count))
    case .preference, .unpaired, .problem:
      throw RowProblem.wrongUse(row: row.kind, use: "supervised fine-tuning")
    }
  }
}
