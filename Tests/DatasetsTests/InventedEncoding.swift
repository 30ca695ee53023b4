import Text

@testable import Datasets

/// A token for each character; 1 and 2 start and end a message, 3 ends a line, 0 a text.
struct InventedEncoding: ExampleEncoding {
  var endOfText: TokenID { 0 }

  func encode(text: String) -> [TokenID] { text.unicodeScalars.map { TokenID($0.value) } }

  func encode(continuation: String) -> [TokenID] { encode(text: continuation) }

  func encode(prompt: [ChatMessage]) -> [TokenID] {
    encode(conversation: prompt).ids + [1, TokenID(UInt8(ascii: "a"))]
  }

  func encode(prompt: [ChatMessage], answer: String) -> (prompt: [TokenID], answer: [TokenID]) {
    (encode(prompt: prompt), encode(text: answer) + [2])
  }

  func encode(conversation: [ChatMessage]) -> (ids: [TokenID], isAssistant: [Bool]) {
    var ids: [TokenID] = []
    var isAssistant: [Bool] = []
    for message in conversation {
      let content = encode(text: message.content)
      let learnt = message.role == "assistant"
      ids += [1, encode(text: message.role)[0]] + content + [2, 3]
      isAssistant += [false, false] + content.map { _ in learnt } + [learnt, false]
    }
    return (ids, isAssistant)
  }
}
