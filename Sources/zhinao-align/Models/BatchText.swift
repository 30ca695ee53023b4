import JSON
import Stages
import Text

/// A batch in words: for people with the learnt tokens marked, or as JSON lines.
struct BatchText {
  let preview: BatchPreview
  let isJSON: Bool
  /// A line for each token instead of running text.
  let listsTokens: Bool

  private var tokenizer: Tokenizer { preview.tokenizer.tokenizer }

  func head(step: Int) -> String {
    let all = preview.examples.joined()
    let learnt = all.reduce(0) { $0 + $1.isLearnt.count { $0 } }
    return "step \(step) (\(Amount.grouped(preview.stepsPerEpoch)) in an epoch): "
      + "\(Amount.count(preview.examples.count, "example")), "
      + "\(Amount.count(all.reduce(0) { $0 + $1.ids.count }, "token")), "
      + "\(Amount.grouped(learnt)) of them learnt"
  }

  func text(of sequence: BatchPreview.Sequence, example: Int) -> String {
    if isJSON { return json(of: sequence, example: example).serialized(.compact) }
    let lines = listsTokens ? self.lines(of: sequence) : [marked(sequence)]
    return (["", caption(of: sequence, example)] + lines).joined(separator: "\n")
  }

  /// `example 1, chosen: 42 tokens, 17 learnt, begins with <s>, ends with <|im_end|>`.
  private func caption(of sequence: BatchPreview.Sequence, _ example: Int) -> String {
    let label = sequence.label.isEmpty ? "" : ", \(sequence.label)"
    let learnt = sequence.isLearnt.count { $0 }
    var text =
      "example \(example)\(label): \(Amount.count(sequence.ids.count, "token")), "
      + "\(Amount.grouped(learnt)) learnt"
    if let first = sequence.ids.first, let last = sequence.ids.last {
      text += ", begins with \(name(first)), ends with \(name(last))"
    }
    if let beginning = tokenizer.beginning {
      let count = sequence.ids.count { $0 == beginning }
      if count > 1 { text += ", \(name(beginning)) stands in it \(count) times" }
    }
    return text
  }

  /// What a token says; where that is no text of its own, as the vocabulary writes it.
  private func name(_ id: TokenID) -> String {
    let text = tokenizer.decode([id])
    let isText = !text.contains("\u{FFFD}") && !text.allSatisfy(\.isWhitespace)
    return (isText ? text : tokenizer.token(id) ?? "token \(id)").printable()
  }

  /// Running text; parts that are learnt are green, or between marks.
  private func marked(_ sequence: BatchPreview.Sequence) -> String {
    var text = ""
    var start = 0
    while start < sequence.ids.count {
      let isLearnt = sequence.isLearnt[start]
      let end =
        sequence.isLearnt[start...].firstIndex { $0 != isLearnt } ?? sequence.ids.endIndex
      let part = tokenizer.decode(sequence.ids[start..<end]).printable(keepingLines: true)
      text += isLearnt ? BatchText.mark(part) : part
      start = end
    }
    return text
  }

  private static func mark(_ text: String) -> String {
    Console.hasResultColors ? Paint.green.always(text) : "⟦\(text)⟧"
  }

  private func lines(of sequence: BatchPreview.Sequence) -> [String] {
    var table = Table(["place", "id", "token", "learnt"], rightAligned: [0, 1])
    table.rows = sequence.ids.indices.map { place in
      let id = sequence.ids[place]
      return ["\(place)", "\(id)", name(id), sequence.isLearnt[place] ? "learnt" : ""]
    }
    return table.lines
  }

  private func json(of sequence: BatchPreview.Sequence, example: Int) -> JSON {
    [
      "example": .integer(example), "label": .string(sequence.label),
      "ids": .array(sequence.ids.map { .integer(Int($0)) }),
      "tokens": .array(sequence.ids.map { .string(tokenizer.token($0) ?? "") }),
      "learnt": .array(sequence.isLearnt.map { .bool($0) }),
    ]
  }
}
