/// Why a tokenizer could not be read or used: facts, rendered by `description`.
public enum TokenizerError: Error, Equatable, CustomStringConvertible {
  case unreadable(path: String, reason: String)
  case noTokenizer(directory: String)
  case malformed(place: String, found: String, expected: String)
  case unsupported(place: String, name: String, known: [String])
  case badPattern(pattern: String, offset: Int, reason: String)
  case badRankLine(line: Int, found: String)
  case unknownToken(role: String, token: String)
  case noTemplate
  case notAPrefix(message: Int, position: Int)
  case noEndOfTurn(message: Int)

  public var description: String {
    switch self {
    case .unreadable(let path, let reason): "\(path): cannot be read: \(reason)"
    case .noTokenizer(let directory):
      "\(directory): has no tokenizer.json and no *.tiktoken (here or in vocab/)"
    case .malformed(let place, let found, let expected):
      "\(place): found \(found), expected \(expected)"
    case .unsupported(let place, let name, let known):
      "\(place): \"\(name)\" is not supported; known here: \(known.joined(separator: ", "))"
    case .badPattern(let pattern, let offset, let reason):
      "pattern \"\(pattern)\", byte \(offset): \(reason)"
    case .badRankLine(let line, let found):
      "line \(line): found \"\(found)\", expected base64 bytes, a space and a rank"
    case .unknownToken(let role, let token):
      "\(role) is \"\(token)\", which the vocabulary does not have"
    case .noTemplate:
      "there is no chat template: add chat_template.jinja, or chat_template to tokenizer_config.json"
    case .notAPrefix(let message, let position):
      "the tokens before message \(message) are not the beginning of the tokens with it: they differ "
        + "at position \(position), so this template cannot tell which tokens the answer is"
    case .noEndOfTurn(let message):
      "message \(message): the template ends the assistant's turn with no control token, so the "
        + "model would never learn to stop"
    }
  }
}
