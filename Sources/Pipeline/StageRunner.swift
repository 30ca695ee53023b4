/// Runs one stage somewhere: in this process (tests), in a child, on ranks.
public protocol StageRunner: Sendable {
  /// Throws `Interrupted` when the stage has saved itself and ended early.
  func run(
    _ order: WorkOrder, kind: StageKind, log: String, report: (StageEvent) throws -> Void
  ) async throws
}

/// Runs stages in this process: for tests and for commands that are a single stage.
public struct InProcessRunner: StageRunner {
  public init() {}

  public func run(
    _ order: WorkOrder, kind: StageKind, log: String, report: (StageEvent) throws -> Void
  ) async throws {
    let events = EventBuffer()
    let context = StageContext(order: order) { events.append($0) }
    let result = Result { try kind.perform(order.settings, context) }
    for event in events.all { try report(event) }
    try result.get()
  }
}
