public import JSON

/// A stage that another one wants made before it, so that its result is kept by itself: `dpo.reference` before `dpo`.
///
/// It is named after the stage, the preparation's name behind a dot, which no stage of a recipe can have.
public struct Preparation: Sendable {
  /// The slot of the stage that takes the main output.
  public var slot: String
  /// What it is called behind the stage's name: `reference`.
  public var name: String
  public var kind: String
  public var inputs: [(slot: String, sources: [Source])]
  /// What a recipe would say under `with`.
  public var settings: JSON

  public init(
    slot: String, name: String, kind: String, inputs: [(slot: String, sources: [Source])],
    settings: JSON = [:]
  ) {
    self.slot = slot
    self.name = name
    self.kind = kind
    self.inputs = inputs
    self.settings = settings
  }
}
