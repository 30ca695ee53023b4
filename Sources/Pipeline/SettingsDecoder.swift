internal import JSON
internal import OrderedCollections
import Suggestions

/// Reads settings from what was written over what is the default.
struct SettingsDecoder: Decoder {
  /// What was written, if anything was, and what holds otherwise.
  var given: LocatedValue?
  var fallback: JSON?
  var codingPath: [any CodingKey] = []
  var userInfo: [CodingUserInfoKey: Any] { [:] }
  /// The type is a group of settings: its keys are known, and unknown ones are mistakes.
  var isSettings = false
  var keepsKeys = false

  /// What there is to read.
  var value: LocatedValue? { given ?? fallback.map { LocatedValue($0) } }

  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    var decoder = self
    decoder.keepsKeys = type is any OwnKeys.Type
    if let settings = type as? any StageSettings.Type {
      decoder.isSettings = true
      if fallback == nil || fallback == .null {
        decoder.fallback = try SettingsEncoder.encode(settings.init())
      }
    }
    if let choices = choices(of: type) { try decoder.check(choices) }
    do {
      return try Value(from: decoder)
    } catch let error as DecodingError {
      throw decoder.problem(for: error)
    }
  }

  func problem(_ message: String, at origin: Origin? = nil) -> SettingProblem {
    SettingProblem(
      path: written(codingPath), message: message, origin: origin ?? value?.origin ?? .program)
  }

  func wrong(_ wanted: String) -> SettingProblem {
    problem("`\(written(codingPath))` wants \(wanted), found \(value?.found ?? "nothing")")
  }

  private func problem(for error: DecodingError) -> SettingProblem {
    switch error {
    case .keyNotFound(let key, _):
      return problem("`\(written(codingPath + [key]))` is missing")
    case .dataCorrupted(let context), .typeMismatch(_, let context),
      .valueNotFound(_, let context):
      return problem(context.debugDescription)
    @unknown default: return problem("this cannot be read")
    }
  }

  /// The words an enumeration can be, if the type is one of words.
  private func choices(of type: Any.Type) -> [String]? {
    guard type is any RawRepresentable.Type, let cases = type as? any CaseIterable.Type else {
      return nil
    }
    func words<Cases: CaseIterable>(_ type: Cases.Type) -> [String] {
      type.allCases.compactMap { ($0 as? any RawRepresentable)?.rawValue as? String }
    }
    let words = words(cases)
    return words.isEmpty ? nil : words
  }

  private func check(_ choices: [String]) throws {
    guard case .scalar(let text, _)? = value?.content else {
      throw wrong("one of \(choices.joined(separator: ", "))")
    }
    guard choices.contains(text) else {
      throw problem(
        "`\(written(codingPath))` is one of \(choices.joined(separator: ", ")), found "
          + "\(value?.found ?? "nothing")\(didYouMean(text, among: choices))")
    }
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard given == nil || given?.members != nil else { throw wrong("a mapping") }
    let defaults = fallback?.object ?? [:]
    if isSettings {
      let known = Array(defaults.keys)
      for member in given?.members ?? [] where defaults[member.key] == nil {
        var problem = problem(
          "there is no setting `\(member.key)`\(closing(member.key, among: known)) "
            + "Settings here: \(known.joined(separator: ", "))", at: member.keyOrigin)
        problem.path = written(codingPath + [PlainKey(member.key)])
        throw problem
      }
    } else if given == nil, fallback?.object == nil {
      throw wrong("a mapping")
    }
    return KeyedDecodingContainer(
      SettingsKeyedDecoding<Key>(
        decoder: self, defaults: isSettings || given == nil ? defaults : [:]))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    guard let elements = value?.elements else { throw wrong("a list") }
    return SettingsListDecoding(decoder: self, elements: elements)
  }

  func singleValueContainer() -> any SingleValueDecodingContainer {
    SettingsScalarDecoding(decoder: self)
  }
}

struct PlainKey: CodingKey {
  let stringValue: String
  let intValue: Int?

  init(_ name: String) {
    stringValue = name
    intValue = nil
  }
  init(index: Int) {
    stringValue = "\(index)"
    intValue = index
  }
  init?(stringValue: String) { self.init(stringValue) }
  init?(intValue: Int) { self.init(index: intValue) }
}
