public import JSON
internal import OrderedCollections

/// Reading a settings type from what was written, with every mistake found in one pass.
public enum SettingsReading<Settings: StageSettings> {
  /// The settings, or what is wrong with them, in the order it was written.
  ///
  /// After the first mistake each key is tried alone over the defaults, so that one typing mistake
  /// does not hide the next.
  public static func read(
    _ given: LocatedValue
  ) -> (settings: Settings?, problems: [SettingProblem]) {
    let given = given.isNull ? LocatedValue(.mapping([]), origin: given.origin) : given
    do {
      return (try decode(given), [])
    } catch {
      guard let members = given.members else { return (nil, [located(error, in: given)]) }
      var problems: [SettingProblem] = []
      for member in members {
        for problem in mistakes(in: member, of: given) where !problems.contains(problem) {
          problems.append(problem)
        }
      }
      return (nil, problems.isEmpty ? [located(error, in: given)] : problems)
    }
  }

  /// The settings that a worker was sent.
  public static func read(_ json: JSON) throws -> Settings {
    try SettingsDecoder(given: LocatedValue(json)).decode(Settings.self)
  }

  /// All settings as canonical JSON will have them, nil ones as null.
  public static func resolved(_ settings: Settings) throws -> JSON {
    try SettingsEncoder.encode(settings)
  }

  private static func decode(_ given: LocatedValue) throws -> Settings {
    try SettingsDecoder(given: given).decode(Settings.self)
  }

  private static func located(_ error: any Error, in given: LocatedValue) -> SettingProblem {
    (error as? SettingProblem)
      ?? SettingProblem(path: "", message: "\(error)", origin: given.origin)
  }

  /// The mistakes of one key: of each of its leaves alone, and of the whole where none is wrong
  /// alone (or where a part alone only lacks the others).
  private static func mistakes(
    in member: LocatedValue.Member, of given: LocatedValue
  ) -> [SettingProblem] {
    func failure(_ value: LocatedValue) -> SettingProblem? {
      do {
        _ = try decode(value)
        return nil
      } catch {
        return located(error, in: given)
      }
    }
    let whole = LocatedValue(.mapping([member]), origin: given.origin)
    guard let first = failure(whole) else { return [] }
    let single = leaves(of: member).compactMap {
      failure(LocatedValue(.mapping([$0]), origin: given.origin))
    }
    let isLack = { (problem: SettingProblem) in problem.message.hasSuffix("is missing") }
    let real = single.filter { !isLack($0) }
    return real.isEmpty ? [first] : real
  }

  /// The member once for each of its leaves, with nothing else in it.
  private static func leaves(of member: LocatedValue.Member) -> [LocatedValue.Member] {
    guard let members = member.value.members, !members.isEmpty else { return [member] }
    return members.flatMap { leaves(of: $0) }.map { leaf in
      var copy = member
      copy.value.content = .mapping([leaf])
      return copy
    }
  }
}

extension LocatedValue {
  /// Where the setting of a path stands: the value itself, or what comes nearest to holding it.
  public func origin(ofPath path: String) -> Origin {
    var value = self
    for part in path.split(separator: ".") {
      if let member = value.member(String(part)) {
        value = member.value
      } else if let index = Int(part), let elements = value.elements,
        elements.indices.contains(index - 1)
      {
        value = elements[index - 1]
      } else {
        break
      }
    }
    return value.origin
  }
}
