internal import JSON
internal import OrderedCollections

struct SettingsKeyedDecoding<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let decoder: SettingsDecoder
  let defaults: OrderedDictionary<String, JSON>
  var codingPath: [any CodingKey] { decoder.codingPath }

  var allKeys: [Key] {
    let given = decoder.given?.members?.map(\.key) ?? []
    let names = given + defaults.keys.filter { !given.contains($0) }
    return names.compactMap { Key(stringValue: $0) }
  }

  private func child(_ key: Key) -> SettingsDecoder {
    let name = decoder.keepsKeys ? key.stringValue : snakeCase(key.stringValue)
    return SettingsDecoder(
      given: decoder.given?.member(name)?.value, fallback: defaults[name],
      codingPath: codingPath + [key])
  }

  func contains(_ key: Key) -> Bool { child(key).value != nil }
  func decodeNil(forKey key: Key) -> Bool { child(key).value?.isNull ?? true }

  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
    let child = child(key)
    guard child.value != nil else {
      throw decoder.problem("`\(written(codingPath + [key]))` is missing")
    }
    return try child.decode(type)
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> {
    try child(key).container(keyedBy: type)
  }
  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try child(key).unkeyedContainer()
  }
  func superDecoder() -> any Decoder { decoder }
  func superDecoder(forKey key: Key) -> any Decoder { child(key) }
}

struct SettingsListDecoding: UnkeyedDecodingContainer {
  let decoder: SettingsDecoder
  let elements: [LocatedValue]
  var currentIndex = 0
  var codingPath: [any CodingKey] { decoder.codingPath }
  var count: Int? { elements.count }
  var isAtEnd: Bool { currentIndex >= elements.count }

  init(decoder: SettingsDecoder, elements: [LocatedValue]) {
    self.decoder = decoder
    self.elements = elements
  }

  private mutating func next() throws -> SettingsDecoder {
    guard currentIndex < elements.count else {
      throw decoder.problem("`\(written(codingPath))` has only \(elements.count) elements")
    }
    defer { currentIndex += 1 }
    return SettingsDecoder(
      given: elements[currentIndex], codingPath: codingPath + [PlainKey(index: currentIndex)])
  }

  mutating func decodeNil() -> Bool {
    guard currentIndex < elements.count, elements[currentIndex].isNull else { return false }
    currentIndex += 1
    return true
  }
  mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    try next().decode(type)
  }
  mutating func nestedContainer<Key: CodingKey>(
    keyedBy type: Key.Type
  ) throws -> KeyedDecodingContainer<Key> {
    try next().container(keyedBy: type)
  }
  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try next().unkeyedContainer()
  }
  mutating func superDecoder() throws -> any Decoder { try next() }
}
