import Text

@testable import Datasets

/// A token for each character; 1 and 2 start and end a message, 3 ends a line, 0 a text.
struct InventedEncoding: ExampleEncoding {
  func endOfText() -> TokenID { 0 }

  func encode(text: String) -> [TokenID] { text.unicodeScalars.map { TokenID($0.value) } }

  func encode(continuation: String) -> [TokenID] { encode(text: continuation) }

  func encode(prompt: [ChatMessage]) -> [TokenID] {
    encode(conversation: prompt, supervision: .assistant).ids + [1, TokenID(UInt8(ascii: "a"))]
  }

  func encode(prompt: [ChatMessage], answer: String) -> (prompt: [TokenID], answer: [TokenID]) {
    (encode(prompt: prompt), encode(text: answer) + [2])
  }

  func encode(
    conversation: [ChatMessage], supervision: Supervision
  ) -> (ids: [TokenID], isTarget: [Bool]) {
    let marker = supervision == .zhinao
    var ids: [TokenID] = []
    var isTarget: [Bool] = []
    for message in conversation {
      let content = encode(text: message.content)
      let learnt = message.role == "assistant"
      ids += [1, encode(text: message.role)[0]] + content + [2, 3]
      isTarget += [marker, false] + content.map { _ in learnt } + [learnt || marker, marker]
    }
    return (ids, isTarget)
  }
}
