internal import Text

/// Conversations as hh-rlhf writes them: `\n\nHuman: … \n\nAssistant: …` (arXiv:2204.05862).
enum Transcript {
  private static let markers = [("\n\nHuman:", "user"), ("\n\nAssistant:", "assistant")]

  static func isTranscript(_ text: String) -> Bool {
    text.hasPrefix(markers[0].0)
  }

  /// The turns, without white space around them; an empty last one, where an answer would start, is
  /// left out.
  static func turns(of text: String, field: String) throws(RowProblem) -> [ChatMessage] {
    guard isTranscript(text) else { throw .notATranscript(field: field) }
    var turns: [(role: String, bytes: [UInt8])] = []
    let bytes = Array(text.utf8)
    var position = 0
    while position < bytes.count {
      if let (marker, role) = markers.first(where: { bytes[position...].starts(with: $0.0.utf8) }) {
        turns.append((role, []))
        position += marker.utf8.count
      } else {
        turns[turns.count - 1].bytes.append(bytes[position])
        position += 1
      }
    }
    // Cut at ASCII markers, so each turn is still valid UTF-8.
    var messages = turns.map {
      ChatMessage(role: $0.role, content: String(decoding: $0.bytes, as: UTF8.self).trimmed)
    }
    if let last = messages.last, last.role == "assistant", last.content.isEmpty {
      messages.removeLast()
    }
    if messages.contains(where: \.content.isEmpty) { throw .empty(field: field) }
    return messages
  }
}
