import Datasets
import Generation
import JSON
import OrderedCollections
import Pipeline
import Randomness
import Rewards
import Text
import Transformers

/// A needle in a haystack: a number is named once in a long text, and asked for behind it.
///
/// Lengths are in the model's own tokens, the whole prompt counted; depths in per cent of the text's sentences. After Kamradt (2023), in
/// the form with city and number of 360Zhinao's long-context tests; a length is left out that the model has no positions for.
public struct NeedleSuite: EvaluationSuite {
  public let name = "needle"
  public let settings: SamplingSettings
  /// In tokens.
  var lengths: [Int]
  /// From 0 to 100.
  var depths: [Int]
  /// `en`, `zh`.
  var languages: [String]
  /// Of the texts; the same for every model.
  let seed: UInt64

  public var sampleCount: Int { settings.numGenerations }
  public var blockSize: Int { 16 }

  public struct Task: Sendable {
    var row: Int
    var language: String
    var length: Int
    var depth: Int
    var answer: String
    var prompt: Prompt
    var ids: [TokenID]
  }

  public func tasks(for model: LanguageModel) throws -> [Task] {
    var tasks: [Task] = []
    var row = 0
    for language in languages {
      guard let text = NeedleText.all[language] else { continue }
      for length in lengths {
        for depth in depths {
          row += 1
          guard length + settings.completionLimit <= model.shape.maximumPosition else {
            continue
          }
          tasks.append(try task(row, text, length, depth, model))
        }
      }
    }
    guard !tasks.isEmpty else {
      throw BadInput(
        "the model has \(model.shape.maximumPosition) positions, too few for any of suites.needle.lengths "
          + "(\(lengths.map(String.init).joined(separator: ", "))) and an answer of \(settings.completionLimit) tokens"
      )
    }
    return tasks
  }

  /// The longest text whose prompt fits, with the needle at its depth.
  private func task(
    _ row: Int, _ text: NeedleText, _ length: Int, _ depth: Int, _ model: LanguageModel
  ) throws -> Task {
    let random = CoordinateRandom(seed: seed, stream: "needle/\(text.language)")
    let needle = text.needle(random, UInt64(row))
    var sentences: [String] = []
    func made() throws -> (Prompt, [TokenID]) {
      var all = sentences
      all.insert(needle.fact, at: (all.count * depth + 50) / 100)
      let whole =
        "\(text.instruction)\n\n\(all.joined(separator: text.separator))\n\n\(needle.question)"
      guard model.tokenizer.template != nil else {
        return (.text(whole + "\n"), model.tokenizer.encode(text: whole + "\n"))
      }
      let messages = [ChatMessage(role: "user", content: whole)]
      return (.messages(messages), try model.tokenizer.encode(prompt: messages))
    }
    var (prompt, ids) = try made()
    // Sentence by sentence an estimate, then exactly: encoding the whole for each sentence would take its square.
    var room = length - ids.count
    while room > 0 {
      let next = text.filler(sentences.count, random, UInt64(row))
      room -= model.tokenizer.tokenizer.encode(text.separator + next).count
      sentences.append(next)
    }
    (prompt, ids) = try made()
    while ids.count > length, !sentences.isEmpty {
      sentences.removeLast()
      (prompt, ids) = try made()
    }
    return Task(
      row: row, language: text.language, length: length, depth: depth, answer: needle.answer,
      prompt: prompt, ids: ids)
  }

  public func load(of task: Task) -> TaskLoad {
    .answers(promptLength: task.ids.count, settings)
  }

  public func items(of tasks: ArraySlice<Task>, _ asking: SuiteAsking) throws -> [SuiteItem] {
    let answers = try asking.answers(
      to: tasks.map { GenerationRequest(prompt: $0.ids, promptID: UInt64($0.row)) }, settings)
    return zip(tasks, answers).map { task, answers in
      SuiteItem(
        row: task.row, prompt: task.prompt,
        reference: [
          "language": .string(task.language), "length": .integer(task.length),
          "depth": .integer(task.depth), "tokens": .integer(task.ids.count),
          "answer": .string(task.answer),
        ],
        answers: answers.map { SuiteAnswer($0, judged: asking.judged($0)) },
        scores: [
          "accuracy": Score(answers.map { Self.holds(asking.judged($0), task.answer) ? 1 : 0 })
        ])
    }
  }

  /// Whether a number stands in a text, by itself or with commas in it.
  static func holds(_ text: String, _ number: String) -> Bool {
    let bare = text.filter { $0 != "," && $0 != "，" }
    return bare.split { !("0"..."9").contains($0) }.contains { $0 == number }
  }

  /// Means by language and depth, and by length.
  public func grid(_ items: [SuiteItem]) -> SuiteGrid? {
    let rows = languages.flatMap { language in
      depths.map { depth in
        let means = lengths.map { length -> Double? in
          let values = items.filter {
            $0.reference["language"]?.string == language && $0.reference["depth"]?.int == depth
              && $0.reference["length"]?.int == length
          }.flatMap { $0.scores["accuracy"]?.values ?? [] }
          return values.isEmpty ? nil : mean(values)
        }
        return (name: "\(language), \(depth) %", means: means)
      }
    }
    return SuiteGrid(columns: lengths.map { "\($0) tokens" }, rows: rows)
  }

  public func measures(_ items: [SuiteItem], baseline: [SuiteItem]?) -> [Measure] {
    var measures = [items.measure("accuracy", .share)]
    for language in languages where languages.count > 1 {
      let own = items.filter { $0.reference["language"]?.string == language }
      measures.append(own.measure("accuracy/\(language)", .share, score: "accuracy"))
    }
    return measures.compactMap { $0 }
  }
}
