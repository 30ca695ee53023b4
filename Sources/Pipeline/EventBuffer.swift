internal import Synchronization

/// Events kept until they can be told in order.
final class EventBuffer: Sendable {
  private let events = Mutex<[StageEvent]>([])

  func append(_ event: StageEvent) { events.withLock { $0.append(event) } }
  var all: [StageEvent] { events.withLock { $0 } }
}
