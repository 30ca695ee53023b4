/// Which of the names that datasets give to the speakers mean which role.
public struct RoleNames: Sendable {
  private var roles: [String: String] = [
    "system": "system", "user": "user", "human": "user", "assistant": "assistant",
    "gpt": "assistant", "bot": "assistant", "chatgpt": "assistant",
  ]

  private static let tools: Set<String> = ["function_call", "observation", "tool", "function"]

  public init() {}

  /// Takes another name for a role, such as "observation" for the user.
  public mutating func map(_ name: String, to role: String) {
    roles[name] = role
  }

  func role(_ name: String, turn: Int) throws(RowProblem) -> String {
    if let role = roles[name] { return role }
    throw Self.tools.contains(name)
      ? .toolRole(role: name, turn: turn) : .unknownRole(role: name, turn: turn)
  }
}
