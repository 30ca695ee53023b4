import JSON

/// A file of rows, one JSON object a line.
struct RowFile: Sendable {
  var name: String
  var rows: [JSON]

  var text: String { rows.map { $0.serialized(.compact) + "\n" }.joined() }
}

/// All data files of the nano model.
struct NanoData: Sendable {
  /// Questions in a random order: the first are for tests, the rest for training.
  private let questions: [Question]

  static let documentCount = 72_000
  private static let heldOutDocuments = 200
  private static let heldOutQuestions = 700

  init() {
    var draw = Draw("questions", row: 0)
    var seen: Set<String> = []  // membership only; the order is the questions'
    let unique = Question.all.filter { seen.insert($0.text).inserted }
    questions = draw.several(unique.count, of: unique)
  }

  private var trainQuestions: [Question] { Array(questions[NanoData.heldOutQuestions...]) }

  /// The corpus and, from the rows after its last, a held-out part about the same world.
  ///
  /// No two texts of both are equal.
  func pretraining() -> (train: RowFile, test: RowFile) {
    let asked = trainQuestions
    var rows: [JSON] = []
    var seen: Set<String> = []  // membership only
    var row = 0
    while rows.count < NanoData.documentCount + NanoData.heldOutDocuments {
      let text = Document.text(row: row, asked: asked)
      if seen.insert(text).inserted { rows.append(["text": .string(text)]) }
      row += 1
    }
    return (
      RowFile(name: "pretrain.jsonl", rows: Array(rows[..<NanoData.documentCount])),
      RowFile(name: "pretrain-test.jsonl", rows: Array(rows[NanoData.documentCount...]))
    )
  }

  /// Conversations that pretraining ends with: sums worked out and questions answered rightly, in the
  /// form in which users will ask, so that what the texts taught is at hand there too.
  func dialogues() -> RowFile {
    let asked = trainQuestions
    let sound = Draft.styles.filter { $0.0.content == .right && $0.0.inUsersLanguage }
    let arithmetic = problems("dialogues", 12_000, heldOut: false).map { problem in
      NanoData.messages(problem.question, Solution.worked.text(for: problem.calculation))
    }
    let talk = (0..<6000).map { index in
      var draw = Draw("dialogues/answer", row: index)
      let question = draw.pick(asked)
      return NanoData.messages(
        question.text, draw.pick(weighted: sound).text(for: question, draw: &draw))
    }
    var draw = Draw("dialogues/order", row: 0)
    let rows = arithmetic + talk
    return RowFile(name: "dialogues.jsonl", rows: draw.several(rows.count, of: rows))
  }

  /// The files for the stages after pretraining.
  var stages: [RowFile] {
    let train = trainQuestions
    return [
      chats(
        "sft", questions: Array(train[..<1400]), problems: problems("sft", 1400, heldOut: false)),
      chats(
        "sft-test", questions: Array(questions[..<100]),
        problems: problems("sft-test", 100, heldOut: true)),
      pairs("pairs", Array(train[..<2600])),
      pairs("pairs-test", Array(questions[100..<400])),
      prompts("prompts", Array(train[2600..<3200])),
      prompts("prompts-test", Array(questions[400..<700])),
      checkable("problems", problems("problems", 1200, heldOut: false)),
      checkable("problems-test", problems("problems-test", 300, heldOut: true)),
    ]
  }

  /// Different problems, in the order drawn.
  private func problems(_ stream: String, _ count: Int, heldOut: Bool) -> [Problem] {
    var chosen: [Problem] = []
    var seen: Set<String> = []  // membership only
    var row = 0
    while chosen.count < count {
      var draw = Draw(stream + "/problem", row: row)
      row += 1
      let problem = Problem.drawn(heldOut: heldOut, with: &draw)
      if seen.insert(problem.question).inserted { chosen.append(problem) }
    }
    return chosen
  }

  /// Chat and arithmetic, shuffled together.
  private func chats(_ name: String, questions: [Question], problems: [Problem]) -> RowFile {
    let talk = questions.enumerated().map { index, question in
      var draw = Draw(name + "/answer", row: index)
      let draft = draw.pick(weighted: Draft.styles)
      return NanoData.messages(question.text, draft.text(for: question, draw: &draw))
    }
    let arithmetic = problems.enumerated().map { index, problem in
      var draw = Draw(name + "/solution", row: index)
      let solution = draw.pick(weighted: Solution.styles)
      return NanoData.messages(problem.question, solution.text(for: problem.calculation))
    }
    var draw = Draw(name + "/order", row: 0)
    let rows = talk + arithmetic
    return RowFile(name: name + ".jsonl", rows: draw.several(rows.count, of: rows))
  }

  private static func messages(_ user: String, _ assistant: String) -> JSON {
    [
      "messages": [
        ["role": "user", "content": .string(user)],
        ["role": "assistant", "content": .string(assistant)],
      ]
    ]
  }

  /// Two answers to each question whose qualities differ by two points or more, the better chosen.
  private func pairs(_ name: String, _ questions: [Question]) -> RowFile {
    let rows = questions.enumerated().map { index, question -> JSON in
      var draw = Draw(name, row: index)
      var (better, worse) = (draw.pick(weighted: Draft.styles), draw.pick(weighted: Draft.styles))
      while abs(better.quality - worse.quality) < 2 {
        (better, worse) = (draw.pick(weighted: Draft.styles), draw.pick(weighted: Draft.styles))
      }
      if better.quality < worse.quality { swap(&better, &worse) }
      return [
        "prompt": .string(question.text),
        "chosen": .string(better.text(for: question, draw: &draw)),
        "rejected": .string(worse.text(for: question, draw: &draw)),
      ]
    }
    return RowFile(name: name + ".jsonl", rows: rows)
  }

  private func prompts(_ name: String, _ questions: [Question]) -> RowFile {
    RowFile(name: name + ".jsonl", rows: questions.map { ["prompt": .string($0.text)] })
  }

  private func checkable(_ name: String, _ problems: [Problem]) -> RowFile {
    RowFile(
      name: name + ".jsonl",
      rows: problems.map {
        ["question": .string($0.question), "answer": .string(String($0.calculation.value))]
      })
  }
}
