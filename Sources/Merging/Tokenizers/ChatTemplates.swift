import JSON

/// The chat templates that `chat_template` knows by name; each writes its model family's published format.
enum ChatTemplates {
  static let names = ["auto", "alpaca", "chatml", "llama3", "mistral", "exaone"]

  static func named(_ name: String) -> String? {
    switch name {
    case "chatml": chatML
    case "alpaca": alpaca
    case "llama3": llama3
    case "mistral": mistral
    case "exaone": exaone
    default: nil
    }
  }

  /// What is not a name is a template if anything in it is to be filled in.
  static func isTemplate(_ text: String) -> Bool { text.contains("{{") || text.contains("{%") }

  private static let chatML = """
    {% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] \
    + '<|im_end|>' + '\\n' }}{% endfor %}{% if add_generation_prompt %}\
    {{ '<|im_start|>assistant\\n' }}{% endif %}
    """

  private static let alpaca = """
    {% for message in messages %}{% if message['role'] == 'system' %}\
    {{ message['content'] + '\\n\\n' }}{% elif message['role'] == 'user' %}\
    {{ '### Instruction:\\n' + message['content'] + '\\n\\n' }}{% else %}\
    {{ '### Response:\\n' + message['content'] + eos_token + '\\n\\n' }}{% endif %}{% endfor %}\
    {% if add_generation_prompt %}{{ '### Response:\\n' }}{% endif %}
    """

  private static let llama3 = """
    {{ bos_token }}{% for message in messages %}{{ '<|start_header_id|>' + message['role'] \
    + '<|end_header_id|>\\n\\n' + message['content'] + '<|eot_id|>' }}{% endfor %}\
    {% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% endif %}
    """

  /// A system message stands before the first instruction.
  private static let mistral = """
    {{ bos_token }}{% for message in messages %}{% if message['role'] == 'system' %}\
    {{ '[INST] ' + message['content'] + '\\n\\n' }}{% elif message['role'] == 'user' %}\
    {% if loop.first or messages[loop.index0 - 1]['role'] != 'system' %}{{ '[INST] ' }}{% endif %}\
    {{ message['content'] + ' [/INST]' }}{% else %}{{ ' ' + message['content'] + eos_token }}\
    {% endif %}{% endfor %}
    """

  private static let exaone = """
    {% for message in messages %}{{ '[|' + message['role'] + '|]' + message['content'] }}\
    {% if message['role'] == 'user' %}{{ '\\n' }}{% else %}{{ '[|endofturn|]\\n' }}{% endif %}\
    {% endfor %}{% if add_generation_prompt %}{{ '[|assistant|]' }}{% endif %}
    """
}

extension OpenedModel {
  /// Its chat template's text, wherever it stands; nil without one.
  func chatTemplate() throws -> String? {
    if let file = companions.first(where: { $0.name == "chat_template.jinja" }) {
      return String(decoding: try file.bytes(), as: UTF8.self)
    }
    guard let file = companions.first(where: { $0.name == "tokenizer_config.json" }) else {
      return nil
    }
    let value = try file.json()["chat_template"]
    return value?.string
      ?? value?.array?.first { $0["name"]?.string == "default" }?["template"]?.string
  }
}
