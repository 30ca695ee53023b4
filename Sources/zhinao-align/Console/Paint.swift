/// Colours, where the terminal has them and nobody has asked for none.
enum Paint: String {
  case green = "32"
  case red = "31"
  case yellow = "33"
  case faint = "2"

  func callAsFunction(_ text: String) -> String { Console.hasColors ? always(text) : text }

  /// Whoever asks has looked whether colours are wanted.
  func always(_ text: String) -> String { "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" }
}
