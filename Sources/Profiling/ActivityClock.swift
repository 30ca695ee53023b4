/// Adds up the time of activities that lie within each other.
struct ActivityClock {
  private struct Node {
    let activity: Activity
    let parent: Int?
    var children: [Int] = []
    var calls = 0
    /// Without that of the children.
    var nanoseconds: UInt64 = 0
    var work = Work.unknown
  }

  private let start: UInt64
  private var nodes: [Node] = []
  private var roots: [Int] = []
  /// The node that time belongs to now; nil outside of all.
  private var current: Int?
  /// Up to when time has been given away.
  private var last: UInt64

  /// Times are nanoseconds of one clock.
  init(now: UInt64) { (start, last) = (now, now) }

  mutating func enter(_ activity: Activity, now: UInt64) {
    pass(to: now)
    let known = current.map { nodes[$0].children } ?? roots
    if let node = known.first(where: { nodes[$0].activity == activity }) {
      current = node
    } else {
      nodes.append(Node(activity: activity, parent: current))
      if let current {
        nodes[current].children.append(nodes.count - 1)
      } else {
        roots.append(nodes.count - 1)
      }
      current = nodes.count - 1
    }
  }

  /// Ends the activity that was entered last.
  mutating func leave(_ work: Work, now: UInt64) {
    pass(to: now)
    guard let node = current else { return }
    nodes[node].calls += 1
    nodes[node].work += work
    current = nodes[node].parent
  }

  func profile(now: UInt64) -> Profile {
    let entries = nodes.map { node in
      Profile.Entry(
        path: path(of: node), calls: node.calls, seconds: Double(node.nanoseconds) * 1e-9,
        work: node.work)
    }
    return Profile(
      seconds: Double(now - start) * 1e-9,
      entries: entries.enumerated().sorted {
        ($1.element.seconds, $0.offset) < ($0.element.seconds, $1.offset)
      }.map(\.element))
  }

  private func path(of node: Node) -> [Activity] {
    (node.parent.map { path(of: nodes[$0]) } ?? []) + [node.activity]
  }

  private mutating func pass(to now: UInt64) {
    if let current { nodes[current].nanoseconds += now - last }
    last = now
  }
}
