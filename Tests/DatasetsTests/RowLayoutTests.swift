import JSON
import Testing
import Text

@testable import Datasets

private func user(_ text: String) -> ChatMessage { ChatMessage(role: "user", content: text) }
private func assistant(_ text: String) -> ChatMessage {
  ChatMessage(role: "assistant", content: text)
}
private func system(_ text: String) -> ChatMessage { ChatMessage(role: "system", content: text) }

@Suite struct RowLayoutTests {
  @Test(arguments: [
    #"{"conversations":[{"from":"human","value":"hi"},{"from":"gpt","value":"ho"}]}"#,
    #"{"conversations":[{"from":"user","value":"hi"},{"from":"assistant","value":"ho"}]}"#,
    #"{"id":7,"conversations":[{"role":"user","content":"hi"},{"role":"bot","content":"ho"}]}"#,
    #"{"messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"ho"}]}"#,
    #"[{"role":"user","content":"hi"},{"role":"assistant","content":"ho"}]"#,
    #"{"instruction":"hi","input":"","output":"ho"}"#,
  ])
  func conversationsComeInManyLayouts(text: String) throws {
    #expect(try row(text) == .conversation([user("hi"), assistant("ho")]))
  }

  @Test func alpacaHasInputSystemAndHistory() throws {
    let text = #"""
      {"instruction":"add","input":"1 2","output":"3","system":"be brief","history":[["a","b"]]}
      """#
    #expect(
      try row(text)
        == .conversation([
          system("be brief"), user("a"), assistant("b"), user("add\n1 2"), assistant("3"),
        ]))
  }

  @Test func aPromptIsTextOrMessages() throws {
    #expect(
      try row(#"{"prompt":"The sky is","completion":" blue."}"#)
        == .completion(prompt: .text("The sky is"), completion: " blue."))
    let messages = #"""
      {"prompt":[{"role":"user","content":"q"}],"completion":[{"role":"assistant","content":"a"}]}
      """#
    #expect(try row(messages) == .completion(prompt: .messages([user("q")]), completion: "a"))
    #expect(try row(#"{"text":"once"}"#) == .text("once"))
  }

  @Test(arguments: [
    #"{"conversations":[{"from":"human","value":"q"}],"chosen":"a","rejected":"b"}"#,
    #"""
    {"conversations":[{"from":"human","value":"q"}],"chosen":{"from":"gpt","value":"a"},"rejected":{"from":"gpt","value":"b"}}
    """#,
    #"{"chosen":"\n\nHuman: q\n\nAssistant: a","rejected":"\n\nHuman: q\n\nAssistant: b"}"#,
    #"{"prompt":"\n\nHuman: q\n\nAssistant:","chosen":" a","rejected":" b"}"#,
    #"{"prompt":[{"role":"user","content":"q"}],"chosen":[{"role":"assistant","content":"a"}],"rejected":[{"role":"assistant","content":"b"}]}"#,
    #"{"prompt":"q","chosen":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}],"rejected":[{"role":"user","content":"q"},{"role":"assistant","content":"b"}]}"#,
  ])
  func preferencesComeInManyLayouts(text: String) throws {
    guard case .preference(let prompt, let chosen, let rejected, nil) = try row(text) else {
      Issue.record("no preference")
      return
    }
    #expect(prompt == .messages([user("q")]))
    #expect(chosen.trimmed == "a")
    #expect(rejected.trimmed == "b")
  }

  @Test func aMarginIsKept() throws {
    #expect(
      try row(#"{"prompt":"q","chosen":"a","rejected":"b","margin":1.5}"#)
        == .preference(prompt: .text("q"), chosen: "a", rejected: "b", margin: 1.5))
  }

  @Test func unpairedRowsHaveALabel() throws {
    let expected = Row.unpaired(prompt: .messages([user("q")]), completion: "a", label: false)
    #expect(
      try row(
        #"{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}],"label":false}"#
      ) == expected)
    #expect(
      try row(#"{"prompt":"q","completion":"a","label":true}"#)
        == .unpaired(prompt: .text("q"), completion: "a", label: true))
  }

  @Test(arguments: [
    (#"{"question":"q","answer":"6 * 7 = <<6*7=42>>42\n#### 42"}"#, "42"),
    (#"{"problem":"q","solution":"so \\boxed{\\frac{1}{2}}."}"#, #"\frac{1}{2}"#),
    (#"{"problem":"q","answer":142.0}"#, "142"),
    (#"{"problem":"q","answer":"p - q","solution":"\\boxed{x}"}"#, "p - q"),
    (#"{"question":"q","answer":-3}"#, "-3"),
    (#"{"prompt":[{"role":"user","content":"q"}],"reward_model":{"ground_truth":"72"}}"#, "72"),
  ])
  func problemsHaveAnAnswer(text: String, answer: String) throws {
    guard case .problem(let prompt, let found, let fields) = try row(text) else {
      Issue.record("no problem")
      return
    }
    #expect(prompt == .messages([user("q")]))
    #expect(found == answer)
    #expect(fields == (try JSON(parsing: text)))
  }

  @Test func aPromptAloneHasNoAnswer() throws {
    let text = #"{"prompt":[{"content":"8,3:9,4","role":"user"}]}"#
    guard case .problem(let prompt, nil, _) = try row(text) else {
      Issue.record("no prompt")
      return
    }
    #expect(prompt == .messages([user("8,3:9,4")]))
  }

  @Test func aMappedRoleIsTaken() throws {
    let text = #"""
      {"conversations":[{"from":"observation","value":"q"},{"from":"gpt","value":"a"}]}
      """#
    #expect(try problem(text) == .toolRole(role: "observation", turn: 1))
    var reading = RowReading()
    reading.roles.map("observation", to: "user")
    #expect(try row(text, reading) == .conversation([user("q"), assistant("a")]))
  }
}
