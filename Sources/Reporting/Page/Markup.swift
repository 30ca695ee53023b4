/// A piece of HTML or SVG that cannot be malformed: text is escaped where it is written.
///
/// Prompts, completions and names come from data; they are text here and never markup.
public indirect enum Markup: Sendable, Equatable {
  case text(String)
  case element(String, [Attribute], [Markup])

  public struct Attribute: Sendable, Equatable {
    var name: String
    var value: String
  }

  static func tag(
    _ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ children: [Markup] = []
  ) -> Markup {
    .element(name, attributes.map { Attribute(name: $0.key, value: $0.value) }, children)
  }

  static func tag(
    _ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ text: String
  ) -> Markup { tag(name, attributes, [.text(text)]) }

  /// Elements that have no end tag in HTML.
  private static let void: Set<String> = ["meta", "br", "hr"]

  public var serialized: String {
    var text = ""
    write(to: &text)
    return text
  }

  private func write(to output: inout String) {
    switch self {
    case .text(let text): output += text.escapedForMarkup
    case .element(let name, let attributes, let children):
      output += "<\(name)"
      for attribute in attributes {
        output += " \(attribute.name)=\"\(attribute.value.escapedForMarkup)\""
      }
      output += ">"
      for child in children { child.write(to: &output) }
      if !Markup.void.contains(name) { output += "</\(name)>" }
    }
  }
}

extension String {
  /// With the five characters that mean something to a browser written as entities, and those that
  /// no document may hold, or that turn the direction of what follows, as a replacement.
  var escapedForMarkup: String {
    var result = ""
    result.reserveCapacity(utf8.count)
    for scalar in unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\n", "\t": result.unicodeScalars.append(scalar)
      case "\0"..<" ", "\u{7F}"..."\u{9F}", "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}":
        result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
