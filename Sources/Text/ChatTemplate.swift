public import JSON
import OrderedCollections

/// How a conversation is written for a model: a Jinja template, parsed once.
///
/// The part of Jinja that published chat templates use, in an interpreter of our own: no attribute of a
/// host object is reachable, and a template may loop 100,000 times, nest 64 levels and write 1 Mi
/// characters. White space is as transformers sets it (`trim_blocks`, `lstrip_blocks`).
public struct ChatTemplate: Sendable {
  private let source: [Unicode.Scalar]
  private let statements: [TemplateStatement]

  /// - Throws: `TemplateError` with the line and column of what is not understood.
  public init(source text: String) throws {
    let source = TemplateLexer.normalized(text)
    self.source = source
    statements = try Self.locating(in: source) {
      var lexer = TemplateLexer(source: source)
      var parser = TemplateParser(tokens: try lexer.run())
      return try parser.body(until: [], of: 0).0
    }
  }

  private init(statements: [TemplateStatement]) {
    source = []
    self.statements = statements
  }

  /// Writes a conversation.
  ///
  /// `variables` (bos_token and the like) count as the template's own text, so that
  /// the special tokens they name are recognised; roles and contents never do.
  /// - Throws: `TemplateError`, also for what the template refuses by `raise_exception`.
  public func render(
    _ messages: [ChatMessage], addGenerationPrompt: Bool, variables: [(String, JSON)] = []
  ) throws -> TaggedText {
    var globals: [String: TemplateValue] = [:]
    for name in TemplateInterpreter.functions { globals[name] = .function(name) }
    globals["tools"] = TemplateValue.none
    globals["documents"] = TemplateValue.none
    for (name, value) in variables { globals[name] = TemplateValue(value, isTrusted: true) }
    globals["add_generation_prompt"] = .bool(addGenerationPrompt)
    globals["messages"] = .list(messages.map(Self.value))
    return try Self.locating(in: source) {
      var interpreter = TemplateInterpreter(globals: globals)
      _ = try interpreter.run(statements)
      return interpreter.output.tagged
    }
  }

  private static func value(_ message: ChatMessage) -> TemplateValue {
    var items: OrderedDictionary<String, TemplateValue> = [
      "role": .string(TemplateText(message.role, isTrusted: false)),
      "content": .string(TemplateText(message.content, isTrusted: false)),
    ]
    if let reasoning = message.reasoningContent {
      items["reasoning_content"] = .string(TemplateText(reasoning, isTrusted: false))
    }
    return .dictionary(items)
  }

  private static func locating<Result>(
    in source: [Unicode.Scalar], _ body: () throws -> Result
  ) throws -> Result {
    do {
      return try body()
    } catch let fault as TemplateFault {
      throw fault.located(in: source)
    }
  }
}

extension ChatTemplate {
  /// 360Zhinao's template, whose default system prompt ends in a full stop (360Zhinao2-7B-Base; the
  /// Chat-32K-Int4 variant lost it).
  public static let chatML: ChatTemplate = {
    let source = """
      {%- for message in messages -%}
      {%- if loop.first and message['role'] != 'system' -%}
      {{ '<|im_start|>system\\nYou are a helpful assistant.<|im_end|>\\n' }}
      {%- endif -%}
      {{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}
      {%- endfor -%}
      {%- if add_generation_prompt -%}{{ '<|im_start|>assistant\\n' }}{%- endif -%}
      """
    // A test renders it, so the empty template is never what a program sees.
    return (try? ChatTemplate(source: source)) ?? ChatTemplate(statements: [])
  }()
}
