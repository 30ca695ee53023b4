internal import JSON
internal import OrderedCollections

/// Turns settings into JSON with every key present, also those that are nil.
///
/// Synthesized `encode(to:)` goes by `encodeIfPresent`, which other encoders do not see for nil:
/// here it writes null, which is how the known keys of a settings type are found without naming
/// them twice.
struct SettingsEncoder: Encoder {
  /// A place that a container fills: containers are values, what they fill has to be shared.
  final class Slot {
    var value: JSON = .null
    var members: OrderedDictionary<String, Slot>?
    var elements: [Slot]?

    var json: JSON {
      if let members { return .object(members.mapValues(\.json)) }
      if let elements { return .array(elements.map(\.json)) }
      return value
    }
  }

  let slot: Slot
  var codingPath: [any CodingKey] = []
  let userInfo: [CodingUserInfoKey: Any] = [:]
  var keepsKeys = false

  static func encode(_ value: some Encodable) throws -> JSON {
    let slot = Slot()
    try fill(slot, with: value, path: [])
    return slot.json
  }

  static func fill(_ slot: Slot, with value: some Encodable, path: [any CodingKey]) throws {
    let keepsKeys = value is any OwnKeys
    try value.encode(to: SettingsEncoder(slot: slot, codingPath: path, keepsKeys: keepsKeys))
    if keepsKeys, let members = slot.members {
      slot.members = OrderedDictionary(
        members.sorted { $0.key < $1.key }, uniquingKeysWith: { first, _ in first })
    }
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    slot.members = slot.members ?? [:]
    return KeyedEncodingContainer(
      SettingsKeyedEncoding<Key>(slot: slot, codingPath: codingPath, keepsKeys: keepsKeys))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    slot.elements = slot.elements ?? []
    return SettingsListEncoding(slot: slot, codingPath: codingPath)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer {
    SettingsScalarEncoding(slot: slot, codingPath: codingPath)
  }

  /// A finite number as the shortest text of its own type reads: `Float(0.1)` is 0.1.
  static func number(_ value: some BinaryFloatingPoint & LosslessStringConvertible) -> JSON {
    Double(String(value)).map { .number($0) } ?? .null
  }
}

struct SettingsScalarEncoding: SingleValueEncodingContainer {
  let slot: SettingsEncoder.Slot
  let codingPath: [any CodingKey]

  func encodeNil() { slot.value = .null }
  func encode(_ value: Bool) { slot.value = .bool(value) }
  func encode(_ value: String) { slot.value = .string(value) }
  func encode(_ value: Double) { slot.value = SettingsEncoder.number(value) }
  func encode(_ value: Float) { slot.value = SettingsEncoder.number(value) }
  func encode<Value: Encodable>(_ value: Value) throws {
    if let integer = value as? any BinaryInteger {
      slot.value = Int(exactly: integer).map { .integer($0) } ?? .string("\(integer)")
    } else {
      try SettingsEncoder.fill(slot, with: value, path: codingPath)
    }
  }
  func encode(_ value: Int) { slot.value = .integer(value) }
  func encode(_ value: Int8) { slot.value = .integer(Int(value)) }
  func encode(_ value: Int16) { slot.value = .integer(Int(value)) }
  func encode(_ value: Int32) { slot.value = .integer(Int(value)) }
  func encode(_ value: Int64) { slot.value = .integer(Int(value)) }
  func encode(_ value: UInt) { encode(UInt64(value)) }
  func encode(_ value: UInt8) { slot.value = .integer(Int(value)) }
  func encode(_ value: UInt16) { slot.value = .integer(Int(value)) }
  func encode(_ value: UInt32) { slot.value = .integer(Int(value)) }
  func encode(_ value: UInt64) {
    slot.value = Int(exactly: value).map { .integer($0) } ?? .string("\(value)")
  }
}

struct SettingsListEncoding: UnkeyedEncodingContainer {
  let slot: SettingsEncoder.Slot
  let codingPath: [any CodingKey]
  var count: Int { slot.elements?.count ?? 0 }

  private func next() -> SettingsEncoder.Slot {
    let next = SettingsEncoder.Slot()
    slot.elements?.append(next)
    return next
  }

  func encodeNil() { _ = next() }
  func encode<Value: Encodable>(_ value: Value) throws {
    try SettingsEncoder.fill(next(), with: value, path: codingPath)
  }
  func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    SettingsEncoder(slot: next(), codingPath: codingPath).container(keyedBy: type)
  }
  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
    SettingsEncoder(slot: next(), codingPath: codingPath).unkeyedContainer()
  }
  func superEncoder() -> any Encoder { SettingsEncoder(slot: next(), codingPath: codingPath) }
}
