internal import OrderedCollections

/// What a stage may know of the world: where to read and write, its randomness, whom to tell.
public struct StageContext: Sendable {
  public let order: WorkOrder
  private let sink: @Sendable (StageEvent) -> Void
  private let stops: @Sendable () -> Bool

  public init(
    order: WorkOrder, shouldStop: @escaping @Sendable () -> Bool = { StopSignal.isRaised },
    sink: @escaping @Sendable (StageEvent) -> Void
  ) {
    self.order = order
    self.stops = shouldStop
    self.sink = sink
  }

  /// The stage's name within the recipe: `online/1/train`.
  public var stage: String { order.stage }
  public var seed: UInt64 { order.seed }
  /// The name of the stream of randomness that is this stage's own.
  public var stream: String { order.stage }
  /// A directory for checkpoints: it outlives an interruption and goes once all is published.
  public var work: String { order.work }
  /// The recipe's folder: programs that a recipe names are started there, and nothing else is read by it.
  public var directory: String { order.directory }
  public var ranks: Int { order.ranks }
  public var threads: Int { order.threads }

  /// The path of a required input: a file or a directory.
  public func input(_ slot: String) throws -> String {
    guard let path = order.inputs[slot]?.first else { throw PipelineError.noInput(slot: slot) }
    return path
  }

  public func optionalInput(_ slot: String) -> String? { order.inputs[slot]?.first }

  /// The paths of a list, in the recipe's order.
  public func inputs(_ slot: String) -> [String] { order.inputs[slot] ?? [] }

  /// What the contents of an input are called, in hexadecimal digits; nil where nobody took it.
  ///
  /// For an artifact that names what it was made from, and for a stage that takes no other.
  public func inputDigest(_ slot: String) -> String? { order.digests[slot]?.first }

  /// The directory to fill for an output; it is there and empty when the stage begins.
  public func output(_ name: String) throws -> String {
    guard let path = order.outputs[name] else { throw PipelineError.noOutput(name: name) }
    return path
  }

  /// Tells the orchestrator; of several ranks only the first is heard.
  public func report(_ event: StageEvent) { sink(event) }

  /// Whether the run is to end: finish the step, save, then throw `Interrupted`.
  ///
  /// Ranks hear of it at different moments: agree on it in a reduction before acting on it.
  public var shouldStop: Bool { stops() }
}

/// A stage has saved and ended because it was asked to; the same command goes on from there.
public struct Interrupted: Error, Sendable, Equatable {
  public init() {}
}

/// A gate or alarm that the recipe set has stopped the run.
public struct GateClosed: Error, Sendable, Equatable {
  public var message: String
  public init(_ message: String) { self.message = message }
}

/// The fault is in what the user gave (a row, a file, a configuration), not in the program.
///
/// Errors of other modules that mean this are turned into it at the stage's edge; the message says
/// file, row, what was found, what would be right.
public struct BadInput: Error, Sendable, Equatable, CustomStringConvertible {
  public var message: String
  public init(_ message: String) { self.message = message }
  public var description: String { message }
}
