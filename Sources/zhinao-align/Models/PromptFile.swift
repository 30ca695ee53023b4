import Artifacts
import JSON
import Pipeline
import Text

/// Conversations to go on with: JSON lines of `{"messages": [{role, content}]}` or of the list alone.
enum PromptFile {
  private static let sizeLimit = 1 << 28
  private static let roles = [
    "human": "user", "gpt": "assistant", "user": "user", "assistant": "assistant",
    "system": "system",
  ]

  static func read(_ path: String) throws -> [[ChatMessage]] {
    let bytes = try Files.read(path, limit: sizeLimit)
    var conversations: [[ChatMessage]] = []
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() where line.contains(where: { $0 > 0x20 }) {
      let place = "\(path):\(index + 1)"
      let json: JSON
      do { json = try JSON(parsing: Array(line)) } catch {
        throw Failure(.badInput, "\(place):\(error.column): \(error.message)")
      }
      conversations.append(try messages(json, place))
    }
    guard !conversations.isEmpty else {
      throw Failure(.badInput, "\(path): there are no conversations in it")
    }
    return conversations
  }

  private static func messages(_ json: JSON, _ place: String) throws -> [ChatMessage] {
    let list =
      json.array ?? json["messages"]?.array ?? json["conversations"]?.array
      ?? json["prompt"]?.array
    guard let list, !list.isEmpty else {
      throw Failure(
        .badInput,
        "\(place): found \(json.kind) without messages; a line is "
          + #"{"messages": [{"role": "user", "content": "…"}]}"#)
    }
    return try list.enumerated().map { index, message in
      guard let role = (message["role"] ?? message["from"])?.string,
        let content = (message["content"] ?? message["value"])?.string
      else {
        throw Failure(
          .badInput, "\(place): message \(index + 1) has no role and content that are texts")
      }
      guard let known = roles[role] else {
        throw Failure(
          .badInput,
          "\(place): message \(index + 1) is by \"\(role)\"; roles are system, user and assistant")
      }
      return ChatMessage(role: known, content: content)
    }
  }
}
