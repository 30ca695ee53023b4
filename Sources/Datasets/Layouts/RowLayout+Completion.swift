extension RowLayout {
  static let completion = RowLayout(
    name: "completion", fields: "prompt, completion",
    recognises: { $0.has("prompt") && $0.first(of: "completion", "response") != nil },
    read: { fields throws(RowProblem) in
      .completion(
        prompt: try fields.prompt("prompt"),
        completion: try fields.answer(fields.first(of: "completion", "response") ?? "completion"))
    })

  static let text = RowLayout(
    name: "text", fields: "text",
    recognises: { $0.has("text") },
    read: { fields throws(RowProblem) in .text(try fields.filledText("text")) })
}
