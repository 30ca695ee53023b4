/// What is wrong with a chat template, and where.
public struct TemplateError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Problem: Sendable, Equatable {
    case unexpected(found: String, expected: String)
    case unclosed(String)
    case unknown(kind: String, name: String, known: [String])
    case undefined(String)
    case wrongKind(operation: String, found: String)
    case tooMany(what: String, limit: Int)
    case divisionByZero
    /// The template itself refused the conversation.
    case raised(String)
  }

  /// Both count from 1.
  public let line: Int
  public let column: Int
  public let problem: Problem

  public var description: String { "chat template, line \(line), column \(column): \(text)" }

  private var text: String {
    switch problem {
    case .unexpected(let found, let expected): return "found \(found), expected \(expected)"
    case .unclosed(let what): return "\(what) is never closed"
    case .unknown(let kind, let name, let known):
      let list = known.isEmpty ? "" : "; known here: \(known.joined(separator: ", "))"
      return "there is no \(kind) \"\(name)\"\(list)"
    case .undefined(let name): return "\(name) is undefined"
    case .wrongKind(let operation, let found): return "\(operation) does not work on \(found)"
    case .tooMany(let what, let limit): return "more than \(limit) \(what)"
    case .divisionByZero: return "division by zero"
    case .raised(let message): return message
    }
  }
}

/// A problem and the offset in the source, in scalars; turned into a `TemplateError` at the border.
struct TemplateFault: Error {
  var at: Int
  var problem: TemplateError.Problem

  func located(in source: [Unicode.Scalar]) -> TemplateError {
    let before = source[..<min(at, source.count)]
    let line = before.count { $0 == "\n" } + 1
    let start = before.lastIndex(of: "\n").map { $0 + 1 } ?? 0
    return TemplateError(line: line, column: before.count - start + 1, problem: problem)
  }
}

/// What a template may spend.
enum TemplateLimits {
  static let iterations = 100_000
  static let depth = 64
  /// Of the output and of every string on the way, in scalars.
  static let length = 1 << 20
  /// Scalars copied by all operations together.
  static let work = 1 << 28
}
