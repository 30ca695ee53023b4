import Datasets
import Generation
import Glibc
import JSON
import OrderedCollections
import Pipeline

/// A program of the user's that scores answers: one line of JSON in, one line of JSON out.
///
/// `{"prompt", "completion", "finish_reason", "row", "answer"}` goes in, `{"reward": number}` has to come out, in the order of
/// the questions. It is started once and lives as long as the stage does.
final class RewardProgram {
  private let words: [String]
  private let timeout: Double
  /// Where it is started.
  private let directory: String
  private var process: LineProcess?

  /// `program` is the path that stands for `{program}` in the words of the command.
  init(_ settings: RewardSettings, program: String?, directory: String = ".") throws {
    self.directory = directory
    timeout = settings.timeout ?? 60
    words = try settings.command.map { word in
      guard word.contains("{program}") else { return word }
      guard let program else {
        throw BadInput(
          "the command \(settings.command) names {program}: give its file as the input `program`")
      }
      return word.replacing("{program}", with: program)
    }
  }

  func scores(of answers: [RewardedAnswer]) throws -> [Double] {
    guard !answers.isEmpty else { return [] }
    let lines = answers.map { $0.json.serialized(.compact) }
    do {
      let process = try self.process ?? LineProcess(words, in: directory)
      self.process = process
      let replies = try process.answers(to: lines, timeout: timeout)
      return try zip(answers, replies).map { try score($1, of: $0) }
    } catch let failure as LineProcess.Failure {
      process = nil
      throw BadInput(say(failure, answers))
    }
  }

  private func score(_ reply: String, of answer: RewardedAnswer) throws -> Double {
    guard let json = try? JSON(parsing: Array(reply.utf8)), let value = json["reward"]?.double,
      value.isFinite
    else {
      throw BadInput(
        "the reward program `\(title)` answered the completion of row \(answer.row) with "
          + "`\(reply.prefix(200))`, where a line such as {\"reward\": 0.5} would be right")
    }
    return value
  }

  private var title: String { words.joined(separator: " ") }

  private func say(_ failure: LineProcess.Failure, _ answers: [RewardedAnswer]) -> String {
    func place(_ count: Int) -> String {
      "when asked about a completion of row \(answers[min(count, answers.count - 1)].row)"
    }
    func said(_ log: String) -> String { log.isEmpty ? "" : "; it said:\n\(log)" }
    switch failure {
    case .cannotStart(let reason):
      return "the reward program `\(title)` cannot be started: \(reason)"
    case .ended(let status, let count, let log):
      let signal = status & 0x7F
      let how =
        signal != 0 ? "was ended by signal \(signal)" : "ended with code \(status >> 8 & 0xFF)"
      return "the reward program `\(title)` \(how) \(place(count))\(said(log))"
    case .silent(let seconds, let count, let log):
      return "the reward program `\(title)` gave no answer for \(seconds) seconds \(place(count)) "
        + "(`timeout` sets how long it may take)\(said(log))"
    case .endless(let count):
      return "the reward program `\(title)` wrote a line of more than \(LineProcess.longest) bytes "
        + place(count)
    case .talkative(let line):
      return "the reward program `\(title)` writes more lines than it is asked for: "
        + "`\(line.prefix(200))`"
    }
  }
}

/// An answer with all that a reward may look at.
struct RewardedAnswer {
  /// The data's row, counted from 1.
  var row: Int
  var prompt: Prompt
  /// The right answer, if it is known.
  var answer: String?
  /// The data's row as it stood there, where it is known.
  var fields: JSON = .null
  var completion: SampledCompletion

  /// What a program is asked.
  var json: JSON {
    var json: JSON = [
      "prompt": prompt.json, "completion": .string(completion.text),
      "finish_reason": .string(completion.completion.finishReason.rawValue),
      "row": fields == .null ? .integer(row) : fields,
    ]
    if let answer { json["answer"] = .string(answer) }
    return json
  }
}
