import ArgumentParser
import JSON
import Pipeline
import Text

/// What a model is to go on with.
struct PromptOptions: ParsableArguments {
  @Option(help: "A question, put to the model in its chat template.")
  var prompt: String?

  @Option(
    help: ArgumentHelp(
      #"Conversations, one a line: {"messages": [{"role": "user", "content": "…"}]}."#,
      valueName: "file.jsonl"))
  var messages: String?

  @Option(help: "A text to go on with as it is.")
  var raw: String?

  @Flag(help: "Reads the names of special tokens in --raw as those tokens.")
  var specialTokens = false

  func validate() throws {
    let given = [prompt != nil, messages != nil, raw != nil].count { $0 }
    guard given == 1 else {
      throw ValidationError(
        given == 0
          ? "there is no prompt: --prompt, --messages or --raw"
          : "of --prompt, --messages and --raw only one can be given")
    }
  }

  /// A prompt's tokens, and how it is shown in the result.
  struct Prompt {
    var shown: JSON
    var ids: [Int32]
    var place: String
  }

  func read(_ tokenizer: ChatTokenizer) throws -> [Prompt] {
    if let raw {
      let ids = tokenizer.tokenizer.encode(
        raw, specials: specialTokens ? .recognised : .asText,
        addingBeginning: tokenizer.tokenizer.addsBeginning)
      return [Prompt(shown: .string(raw), ids: ids, place: "--raw")]
    }
    if let prompt {
      let ids = try encode([ChatMessage(role: "user", content: prompt)], tokenizer)
      return [Prompt(shown: .string(prompt), ids: ids, place: "--prompt")]
    }
    let path = messages ?? ""
    return try PromptFile.read(path).enumerated().map { index, conversation in
      let shown = conversation.map { message -> JSON in
        ["role": .string(message.role), "content": .string(message.content)]
      }
      return Prompt(
        shown: .array(shown), ids: try encode(conversation, tokenizer),
        place: "\(path): conversation \(index + 1)")
    }
  }

  private func encode(_ messages: [ChatMessage], _ tokenizer: ChatTokenizer) throws -> [Int32] {
    guard tokenizer.template != nil else {
      throw Failure(
        .badInput, "the model has no chat template; --raw goes on with a text as it is")
    }
    return try tokenizer.encode(messages, addGenerationPrompt: true)
  }
}
