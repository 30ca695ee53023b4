public import Artifacts
public import JSON
public import OrderedCollections

/// Everything that decides what a stage makes.
///
/// Ranks, threads, paths, host and time are not in it. The stage's name is, as the stream of its
/// randomness, where it has any.
public struct StageKey: Sendable {
  static let schema = 1

  public let json: JSON
  public var fingerprint: Digest { RunRecord.fingerprint(ofKey: json) }

  /// `inputs` are digests by slot; `numerics` names what may change a product's last bits.
  public init(
    node: StageNode, inputs: OrderedDictionary<String, [Digest]>, seed: UInt64, numerics: String
  ) {
    json = [
      "schema": .integer(StageKey.schema),
      "kind": .string(node.kind.name),
      "revision": .integer(node.kind.revision),
      "settings": node.settings.semantic,
      "inputs": .object(inputs.mapValues { .array($0.map { .string($0.hex) }) }),
      "seed": node.kind.usesRandomness ? .string("\(seed)") : .null,
      "stream": node.kind.usesRandomness ? .string(node.name) : .null,
      "numerics": .string(numerics),
    ]
  }
}

/// One field in which two keys differ: `beta: 0.1 → 0.3`.
public struct KeyChange: Sendable, Equatable, CustomStringConvertible {
  public var field: String
  public var old: String?
  public var new: String?

  public var description: String {
    switch (old, new) {
    case (let old?, let new?): "\(field): \(old) → \(new)"
    case (nil, let new?): "\(field): now \(new)"
    case (let old?, nil): "\(field): was \(old)"
    case (nil, nil): field
    }
  }

  /// All fields in which two keys differ, settings by their own names, in the new key's order.
  public static func between(_ old: JSON, and new: JSON) -> [KeyChange] {
    differences(old, new, path: [])
  }

  private static func differences(_ old: JSON?, _ new: JSON?, path: [String]) -> [KeyChange] {
    if old == new { return [] }
    let before = old?.object
    let after = new?.object
    if before != nil || after != nil, old == nil || before != nil, new == nil || after != nil {
      var names = OrderedSet((after ?? [:]).keys)
      names.formUnion((before ?? [:]).keys)
      return names.flatMap { differences(before?[$0], after?[$0], path: path + [$0]) }
    }
    let path = path.first == "settings" ? Array(path.dropFirst()) : path
    return [
      KeyChange(field: path.joined(separator: "."), old: old.map(shown), new: new.map(shown))
    ]
  }

  private static func shown(_ value: JSON) -> String {
    switch value {
    case .string(let text): Digest(hex: text)?.short ?? text
    case .array(let elements): elements.map(shown).joined(separator: ", ")
    default: value.serialized(.compact)
    }
  }
}
