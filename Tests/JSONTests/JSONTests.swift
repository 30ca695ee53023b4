import JSON
import OrderedCollections
import Testing

@Test func aDocumentKeepsItsKeysInOrder() throws {
  let document = try JSON(
    parsing: #" {"b": [1, -2.5e1, true, null], "a": {"c": "\u00e9\ud83d\ude00\n"}} "#)
  #expect(document.object.map { $0.keys.map { $0 } } == ["b", "a"])
  #expect(document["b"] == [1, -25.0, true, nil])
  #expect(document["a"]?["c"]?.string == "é😀\n")
  #expect(document.serialized(.canonical) == #"{"a":{"c":"é😀\n"},"b":[1,-25.0,true,null]}"#)
}

@Test func whatIsWrittenIsReadBack() throws {
  let document: JSON = ["x": [1, 2.5, "q\"\\\u{1}"], "y": ["z": []], "w": [:]]
  for style in [JSON.Style.compact, .pretty, .canonical] {
    let again = try JSON(parsing: document.serialized(style))
    #expect(again.serialized(.canonical) == document.serialized(.canonical))
  }
}

@Test(arguments: [
  ("", 1, 1, "expected a value"), ("{\"a\":1,\n \"a\":2}", 2, 2, "second time"),
  ("[1,]", 1, 4, "expected a value"), ("[1 2]", 1, 4, "expected ',' or ']'"),
  ("01", 1, 1, "does not start with 0"), ("\"a", 1, 1, "has no end"),
  ("1 x", 1, 3, "after the end"),
  ("\"\\ud800\"", 1, 2, "lone surrogate"), ("nul", 1, 1, "expected a value"),
  ("1e", 1, 3, "exponent"),
  ("{a:1}", 1, 2, "key in quotes"), ("\"\u{1}\"", 1, 2, "control character"),
  ("-", 1, 2, "a digit"),
  ("1e999", 1, 1, "out of range"),
])
func aMistakeIsNamedWithItsPlace(text: String, line: Int, column: Int, message: String) {
  do {
    _ = try JSON(parsing: text)
    Issue.record("\(text) was accepted")
  } catch {
    #expect(error.line == line && error.column == column, "\(error)")
    #expect(error.message.contains(message), "\(error)")
  }
}

@Test func nestingIsBounded() throws {
  _ = try JSON(parsing: String(repeating: "[", count: 64) + String(repeating: "]", count: 64))
  #expect(throws: JSONError.self) { try JSON(parsing: String(repeating: "[", count: 100_000)) }
}

@Test func invalidUTF8IsRefused() {
  #expect(throws: JSONError.self) { try JSON(parsing: [0x22, 0xFF, 0x22]) }
  #expect(throws: JSONError.self) { try JSON(parsing: [0x22, 0x5C, 0x6E, 0xC3, 0x22]) }
}

@Test func numbersKeepTheirKind() throws {
  #expect(try JSON(parsing: "3") == .integer(3))
  #expect(try JSON(parsing: "3.0").int == 3)
  #expect(try JSON(parsing: "9223372036854775808").int == nil)
  #expect(try JSON(parsing: "9223372036854775808").double == 9_223_372_036_854_775_808)
}
