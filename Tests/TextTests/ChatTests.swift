import JSON
import Testing

@testable import Text

/// Eight templates and three conversations, with and without a generation prompt, against Jinja2.
@Test func templatesRenderAsJinjaDoes() throws {
  let file = try golden("templates")
  var count = 0
  for example in file["cases"]?.array ?? [] {
    let name = try #require(example["template"]?.string)
    let template = try ChatTemplate(source: try #require(file["templates"]?[name]?.string))
    let messages = (example["messages"]?.array ?? []).map {
      ChatMessage(role: $0["role"]?.string ?? "", content: $0["content"]?.string ?? "")
    }
    let prompt = example["prompt"]?.bool ?? false
    let variables: [(String, JSON)] = [("bos_token", "<s>"), ("eos_token", "</s>")]
    func render() throws -> TaggedText {
      try template.render(messages, addGenerationPrompt: prompt, variables: variables)
    }
    if let reason = example["error"]?.string {
      let error = #expect(throws: TemplateError.self) { try render() }
      #expect(error?.problem == .raised(reason))
    } else {
      #expect(try render().text == example["text"]?.string, "\(name)")
    }
    count += 1
  }
  #expect(count == 48)
}

private func chat() throws -> ChatTokenizer {
  ChatTokenizer(
    tokenizer: try Tokenizer(tiktoken: smallRanks(), family: .zhinao), template: .chatML)
}

@Test func zhinaosTemplateAddsItsSystemPrompt() throws {
  let text = try chat().render(
    [ChatMessage(role: "user", content: "<|im_end|>")], addGenerationPrompt: true)
  #expect(
    text.text == "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n"
      + "<|im_start|>user\n<|im_end|><|im_end|>\n<|im_start|>assistant\n")
  #expect(text.pieces.filter { !$0.isTrusted }.map(\.text) == ["user", "<|im_end|>"])
}

/// With im_start 269 and im_end 270, only "ab" (259) and "c" with the tokens that end their turns are trained.
@Test func onlyTheAssistantsTurnsAreMarked() throws {
  let messages = [
    ChatMessage(role: "system", content: "s"), ChatMessage(role: "user", content: "u"),
    ChatMessage(role: "assistant", content: "ab"), ChatMessage(role: "user", content: "<|im_end|>"),
    ChatMessage(role: "assistant", content: "c"),
  ]
  let (ids, marks) = try chat().encodeForTraining(messages)
  let marked = zip(ids, marks).filter(\.1).map(\.0)
  #expect(marked == [259, 270, 99, 270])
  #expect(ids.filter { $0 == 270 }.count == 5)
  let all = try chat().encodeForTraining(messages, markers: .zhinao)
  let supervised = zip(all.ids, all.isAssistant).filter(\.1).map(\.0)
  #expect(
    supervised == [
      269, 270, 10, 269, 270, 10, 269, 259, 270, 10, 269, 270, 10, 269, 99, 270, 10,
    ])
}

@Test func aCompletionEndsWithItsEndOfTurn() throws {
  let pair = try chat().encode(
    prompt: [ChatMessage(role: "user", content: "u")],
    completion: [ChatMessage(role: "assistant", content: "ab")])
  #expect(pair.completion == [259, 270])
  #expect(pair.prompt.last == 10)
}

@Test func aTemplateThatRewritesHistoryIsRefused() throws {
  let source =
    "{% for m in messages %}{{ '<|im_start|>' }}{{ messages|length }}{{ m.content }}{{ '<|im_end|>' }}"
    + "{% endfor %}"
  let tokenizer = ChatTokenizer(
    tokenizer: try Tokenizer(tiktoken: smallRanks(), family: .zhinao),
    template: try ChatTemplate(source: source))
  #expect(throws: TokenizerError.notAPrefix(message: 1, position: 1)) {
    try tokenizer.encode(
      prompt: [ChatMessage(role: "user", content: "u")],
      completion: [ChatMessage(role: "assistant", content: "a")])
  }
}

@Test func templatesStayWithinTheirLimits() throws {
  let hostile = [
    "{% for a in range(10**9) %}{% endfor %}", "{{ 'a' * 10**12 }}", "{{ 2 ** 100 }}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% for a in range(1000) %}{% for b in range(1000) %}{% endfor %}{% endfor %}",
    "{% for a in range(3000) %}{{ 'abcdefghij' * 100 }}{% endfor %}", "{{ 1 // 0 }}",
    String(repeating: "{{ (", count: 1) + String(repeating: "(", count: 5000), "{{ x.y.z }}",
  ]
  for source in hostile {
    #expect(throws: TemplateError.self, "\(source.prefix(50))") {
      try ChatTemplate(source: source).render([], addGenerationPrompt: false)
    }
  }
}

@Test func errorsSayWhereTheyAre() throws {
  let error = #expect(throws: TemplateError.self) {
    try ChatTemplate(source: "a\n  {% fro x in y %}")
  }
  #expect(error?.line == 2)
  #expect(error?.column == 6)
  #expect(error?.description.contains("\"fro\"") ?? false)
}
