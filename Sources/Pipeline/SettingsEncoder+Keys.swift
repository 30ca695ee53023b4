internal import OrderedCollections

/// Writes members, nil ones as null.
struct SettingsKeyedEncoding<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let slot: SettingsEncoder.Slot
  let codingPath: [any CodingKey]
  let keepsKeys: Bool

  private func place(_ key: Key) -> SettingsEncoder.Slot {
    let name = keepsKeys ? key.stringValue : snakeCase(key.stringValue)
    let place = SettingsEncoder.Slot()
    slot.members?[name] = place
    return place
  }

  private func write<Value: Encodable>(_ value: Value?, _ key: Key) throws {
    let place = place(key)
    if let value { try SettingsEncoder.fill(place, with: value, path: codingPath + [key]) }
  }

  func encodeNil(forKey key: Key) { _ = place(key) }
  func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws { try write(value, key) }

  func encodeIfPresent<Value: Encodable>(_ value: Value?, forKey key: Key) throws {
    try write(value, key)
  }
  func encodeIfPresent(_ value: Bool?, forKey key: Key) throws { try write(value, key) }
  func encodeIfPresent(_ value: String?, forKey key: Key) throws { try write(value, key) }
  func encodeIfPresent(_ value: Double?, forKey key: Key) throws { try write(value, key) }
  func encodeIfPresent(_ value: Float?, forKey key: Key) throws { try write(value, key) }
  func encodeIfPresent(_ value: Int?, forKey key: Key) throws { try write(value, key) }
  func encodeIfPresent(_ value: Int8?, forKey key: Key) throws { try write(value, key) }
  func encodeIfPresent(_ value: Int16?, forKey key: Key) throws { try write(value, key) }
  func encodeIfPresent(_ value: Int32?, forKey key: Key) throws { try write(value, key) }
  func encodeIfPresent(_ value: Int64?, forKey key: Key) throws { try write(value, key) }
  func encodeIfPresent(_ value: UInt?, forKey key: Key) throws { try write(value, key) }
  func encodeIfPresent(_ value: UInt8?, forKey key: Key) throws { try write(value, key) }
  func encodeIfPresent(_ value: UInt16?, forKey key: Key) throws { try write(value, key) }
  func encodeIfPresent(_ value: UInt32?, forKey key: Key) throws { try write(value, key) }
  func encodeIfPresent(_ value: UInt64?, forKey key: Key) throws { try write(value, key) }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) -> KeyedEncodingContainer<Nested> {
    SettingsEncoder(slot: place(key), codingPath: codingPath + [key]).container(keyedBy: type)
  }
  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    SettingsEncoder(slot: place(key), codingPath: codingPath + [key]).unkeyedContainer()
  }
  func superEncoder() -> any Encoder { SettingsEncoder(slot: slot, codingPath: codingPath) }
  func superEncoder(forKey key: Key) -> any Encoder {
    SettingsEncoder(slot: place(key), codingPath: codingPath + [key])
  }
}
