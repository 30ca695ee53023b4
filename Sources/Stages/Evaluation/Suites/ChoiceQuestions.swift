import Artifacts
import Datasets
import JSON
import Pipeline

/// A question with answers to choose from.
public struct ChoiceQuestion: Sendable, Equatable {
  var row: Int
  /// What it is about: the row's, or the file's name.
  var subject: String?
  var question: String
  var choices: [String]
  /// The right one, from 0.
  var answer: Int
}

/// Questions of MMLU, CMMLU, C-Eval and their like, and examples by subject.
///
/// A file of JSON rows or of comma-separated ones, a folder of such files (one for each subject), or the published folders with the
/// questions in `test` or `val` and examples in `dev`.
struct ChoiceQuestions {
  var questions: [ChoiceQuestion] = []
  /// By subject, in the order of the file.
  var examples: [String?: [ChoiceQuestion]] = [:]

  init(_ path: String) throws {
    guard try Files.status(path)?.kind == .directory else {
      questions = try Self.read(path, subject: nil, firstRow: 1)
      return
    }
    let names = try Files.names(in: path)
    let splits = ["test", "val", "validation"].filter(names.contains)
    let folder = splits.first.map { "\(path)/\($0)" } ?? path
    questions = try Self.folder(folder)
    guard !splits.isEmpty, names.contains("dev") else { return }
    for example in try Self.folder("\(path)/dev") {
      examples[example.subject, default: []].append(example)
    }
  }

  private static let ends = [".csv", ".jsonl", ".json", ".jsonl.gz", ".json.gz"]

  private static func folder(_ path: String) throws -> [ChoiceQuestion] {
    var questions: [ChoiceQuestion] = []
    for name in try Files.names(in: path).sorted() {
      guard let end = ends.last(where: name.hasSuffix) else { continue }
      var subject = String(name.dropLast(end.count))
      for split in ["_test", "_val", "_dev"] where subject.hasSuffix(split) {
        subject = String(subject.dropLast(split.count))
      }
      questions += try read(
        "\(path)/\(name)", subject: subject, firstRow: questions.count + 1)
    }
    guard !questions.isEmpty else {
      throw BadInput("\(path) holds no questions: files of JSON rows or .csv would be right")
    }
    return questions
  }

  private static func read(
    _ path: String, subject: String?, firstRow: Int
  ) throws -> [ChoiceQuestion] {
    let rows: [(row: Int, value: JSON)] =
      path.hasSuffix(".csv")
      ? try CommaSeparatedRows.read(path) : try jsonRows(path)
    return try rows.enumerated().map { index, row in
      guard
        var question = ChoiceQuestion(row.value, row: firstRow + index)
      else {
        throw BadInput(
          "\(path): row \(row.row) is no question with choices: \"question\", \"choices\" (or A, B, C, D) and "
            + "\"answer\" (a letter, or a number from 0) would be right")
      }
      question.subject = question.subject ?? subject
      return question
    }
  }
}

extension ChoiceQuestion {
  /// Reads a row under any of the published sets' names; nil where something is missing.
  init?(_ json: JSON, row: Int) {
    func first(_ names: String...) -> JSON? { names.lazy.compactMap { json[$0] }.first }
    guard let question = first("question", "Question")?.string else { return nil }
    var choices: [String] = []
    var labels = "ABCDEFGHIJ".map { String($0) }
    if let listed = first("choices", "options") {
      choices = (listed["text"]?.array ?? listed.array ?? []).compactMap(\.string)
      labels = listed["label"]?.array?.compactMap(\.string) ?? labels
    } else {
      for label in labels {
        guard let choice = json[label], !choice.isNull else { break }
        choices.append(choice.string ?? choice.serialized(.compact))
      }
    }
    guard let answer = first("answer", "Answer", "answerKey", "label", "gold"), choices.count > 1
    else {
      return nil
    }
    let letter = answer.string.map {
      String($0.drop(while: \.isWhitespace).prefix(2).filter { !$0.isWhitespace })
    }
    let index = answer.int ?? letter.flatMap { labels.firstIndex(of: $0) ?? Int($0) }
    guard let index, choices.indices.contains(index) else { return nil }
    self.init(
      row: row, subject: first("subject", "Subject", "category")?.string, question: question,
      choices: choices, answer: index)
  }
}

/// Comma-separated rows (RFC 4180), with names in the first line or as MMLU's: question, four choices, answer.
enum CommaSeparatedRows {
  static func read(_ path: String) throws -> [(row: Int, value: JSON)] {
    let bytes = try Files.read(path, limit: 1 << 28)
    var records = records(bytes)
    var names = ["question", "A", "B", "C", "D", "answer"]
    if let first = records.first, first.contains(where: { $0.lowercased() == "question" }) {
      names = first
      records.removeFirst()
    }
    return records.enumerated().map { index, record in
      var json: JSON = [:]
      for (name, value) in zip(names, record) { json[name] = .string(value) }
      return (index + 1, json)
    }
  }

  static func records(_ bytes: [UInt8]) -> [[String]] {
    var records: [[String]] = []
    var record: [String] = []
    var field: [UInt8] = []
    var isQuoted = false
    var wasQuoted = false
    func text() -> String { String(decoding: field, as: UTF8.self) }
    // A byte order mark is no part of the first name.
    for byte in bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...] {
      switch byte {
      case UInt8(ascii: "\""):
        // Two within quotes stand for one.
        if !isQuoted, wasQuoted { field.append(byte) }
        wasQuoted = isQuoted
        isQuoted.toggle()
        continue
      case UInt8(ascii: ",") where !isQuoted:
        record.append(text())
        field = []
      case UInt8(ascii: "\n") where !isQuoted:
        if field.last == UInt8(ascii: "\r") { field.removeLast() }
        record.append(text())
        if record != [""] { records.append(record) }
        record = []
        field = []
      default: field.append(byte)
      }
      wasQuoted = false
    }
    record.append(text())
    if record != [""] { records.append(record) }
    return records
  }
}
