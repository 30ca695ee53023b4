public import Generation
import Pipeline

extension GenerationError {
  /// The error in terms of what a person sets, under the name `setting`.
  public func message(setting: String) -> String {
    switch self {
    case .cacheTooSmall(let limit, let needed, let promptLength, let newTokens):
      "\(setting) is \(MemorySize(bytes: limit)), where \(MemorySize(holding: needed)) or more would be right: "
        + "the keys and values of a prompt of \(promptLength) tokens with \(newTokens) new ones take that much"
    }
  }
}

/// Does something that samples, its errors in terms of a recipe's settings.
func naming<Result>(_ body: () throws(GenerationError) -> Result) throws -> Result {
  do { return try body() } catch {
    throw BadInput(error.message(setting: "kv_cache_memory_bytes"))
  }
}
