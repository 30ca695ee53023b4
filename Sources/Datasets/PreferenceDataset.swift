public import Text

/// One prompt with the better and the worse answer.
public struct TokenPair: Sendable, Equatable {
  public var prompt: [TokenID]
  public var chosen: [TokenID]
  public var rejected: [TokenID]

  /// By how much the better one is better, if the dataset says.
  public var margin: Double?
}

/// Pairs for reward models and for preference optimization.
public struct PreferenceDataset: Sendable {
  public let pairs: [TokenPair]
  public let report: DatasetReport

  public init(
    _ rows: RowSet, encoding: some ExampleEncoding, limit: LengthLimit
  ) throws(DatasetError) {
    var ledger = ExampleLedger(rows, limit: limit)
    pairs = ledger.examples(of: rows.rows) { row, ledger in
      guard case .preference(let prompt, let chosen, let rejected, let margin) = row.content else {
        throw RowProblem.wrongUse(row: row.content.kind, use: "preferences")
      }
      let better = try encoding.encode(prompt, answer: chosen)
      let worse = try encoding.encode(prompt, answer: rejected)
      guard better.prompt == worse.prompt else { throw RowProblem.differentPrompts }
      let count = better.prompt.count
      let longest = max(better.answer.count, worse.answer.count)
      let length = ledger.allowance(tokens: count + longest, promptTokens: count, row: row)
      guard let length else { return nil }
      let pair = TokenPair(
        prompt: better.prompt, chosen: Array(better.answer.prefix(length - count)),
        rejected: Array(worse.answer.prefix(length - count)), margin: margin)
      // Two answers may be told apart only by what was cut, or by nothing a token shows.
      guard pair.chosen != pair.rejected else { throw RowProblem.equalCompletions }
      return pair
    }
    var report = try ledger.close()
    report.pairs = PreferenceStatistics(pairs)
    self.report = report
  }
}

/// One prompt with an answer that is good or not.
public struct TokenJudgement: Sendable, Equatable {
  public var prompt: [TokenID]
  public var answer: [TokenID]
  public var isGood: Bool

  public init(prompt: [TokenID], answer: [TokenID], isGood: Bool) {
    self.prompt = prompt
    self.answer = answer
    self.isGood = isGood
  }
}

/// Answers judged one by one.
public struct UnpairedDataset: Sendable {
  public let judgements: [TokenJudgement]
  public let report: DatasetReport

  public init(
    _ rows: RowSet, encoding: some ExampleEncoding, limit: LengthLimit
  ) throws(DatasetError) {
    var ledger = ExampleLedger(rows, limit: limit)
    judgements = ledger.examples(of: rows.rows) { row, ledger in
      guard case .unpaired(let prompt, let completion, let label) = row.content else {
        throw RowProblem.wrongUse(row: row.content.kind, use: "unpaired judgements")
      }
      let example = try encoding.encode(prompt, answer: completion)
      let count = example.prompt.count
      let length = ledger.allowance(
        tokens: count + example.answer.count, promptTokens: count, row: row)
      guard let length else { return nil }
      return TokenJudgement(
        prompt: example.prompt, answer: Array(example.answer.prefix(length - count)),
        isGood: label)
    }
    report = try ledger.close()
  }
}
