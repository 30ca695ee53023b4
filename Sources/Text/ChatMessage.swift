/// One turn of a conversation.
public struct ChatMessage: Sendable, Equatable {
  /// "system", "user", "assistant", or what else the template knows.
  public var role: String
  public var content: String
  /// What the assistant thought before it answered (`reasoning_content`).
  public var reasoningContent: String?

  public init(role: String, content: String, reasoningContent: String? = nil) {
    self.role = role
    self.content = content
    self.reasoningContent = reasoningContent
  }
}
