import Checkpoints
import JSON
import Text
import Transformers

extension ModelInput {
  /// The tokens that end an answer, ascending.
  ///
  /// Published models name them in four places that often disagree: a base model's `eos_token_id`
  /// ends texts, a chat model's turns end with another token that only `generation_config.json`, or
  /// only the template, knows. Each of them ends an answer.
  var stopTokens: [TokenID] {
    var found: Set<Int> = []
    for json in [directory.folder?.generationConfig, directory.configuration.json] {
      guard let value = json?["eos_token_id"] else { continue }
      found.formUnion((value.array ?? [value]).compactMap(\.int))
    }
    if let end = tokenizer.tokenizer.end { found.insert(Int(end)) }
    if let end = tokenizer.endOfTurn { found.insert(Int(end)) }
    return found.filter { (0..<directory.shape.vocabularySize).contains($0) }.sorted()
      .map(TokenID.init)
  }
}

extension ChatTokenizer {
  /// The control token that the template writes behind an answer; nil without one.
  var endOfTurn: TokenID? {
    let question = ChatMessage(role: "user", content: "a")
    let answer = ChatMessage(role: "assistant", content: "b")
    // A template may refuse so plain a conversation; then it says nothing of its ends either.
    let last = try? encode(prompt: [question], completion: [answer]).completion.last
    guard let last, tokenizer.isSpecial(last) else { return nil }
    return last
  }
}
