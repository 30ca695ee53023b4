public import Pipeline

/// Settings that start from other defaults where they are used.
public protocol AdjustsDefaults {
  associatedtype Base
  static func adjust(_ base: inout Base)
}

/// Two groups of settings that a recipe writes as one.
///
/// What every kind of training has in common (`learning_rate`, `batch_size`, …) is one type, what a
/// kind adds is another, and neither has to repeat or to inherit the other.
@dynamicMemberLookup
public struct Joined<Base: StageSettings, Own: StageSettings & AdjustsDefaults>: StageSettings
where Own.Base == Base {
  public var base: Base
  public var own: Own

  public init() {
    base = Base()
    own = Own()
    Own.adjust(&base)
  }

  public init(from decoder: any Decoder) throws {
    base = try Base(from: decoder)
    own = try Own(from: decoder)
  }

  public func encode(to encoder: any Encoder) throws {
    try base.encode(to: encoder)
    try own.encode(to: encoder)
  }

  public subscript<Value>(dynamicMember path: WritableKeyPath<Base, Value>) -> Value {
    get { base[keyPath: path] }
    set { base[keyPath: path] = newValue }
  }

  public subscript<Value>(dynamicMember path: WritableKeyPath<Own, Value>) -> Value {
    get { own[keyPath: path] }
    set { own[keyPath: path] = newValue }
  }
}
