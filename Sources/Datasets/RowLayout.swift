/// A way of writing rows: how to recognise it and how to read it.
///
/// A new layout is one file in `Layouts` and one line in `all`.
public struct RowLayout: Sendable {
  /// What a recipe's `format:` calls it.
  public let name: String

  /// The fields, for messages.
  public let fields: String

  let recognises: @Sendable (RowFields) -> Bool
  let read: @Sendable (RowFields) throws(RowProblem) -> Row

  /// Every layout; the first that recognises a row's fields is taken.
  public static let all: [RowLayout] = [
    .preference, .conversationPreference, .unpaired, .conversation, .alpaca, .completion, .problem,
    .text, .prompt,
  ]

  /// The layout of this name.
  public static func named(_ name: String) throws(DatasetError) -> RowLayout {
    guard let layout = all.first(where: { $0.name == name }) else {
      throw .unknownFormat(name: name, known: all.map(\.name))
    }
    return layout
  }

  static func recognise(_ fields: RowFields) -> RowLayout? {
    all.first { $0.recognises(fields) }
  }
}
