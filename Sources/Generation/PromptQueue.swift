import Kernels
import Transformers

/// Requests that wait for their turn; neighbours with one prompt go through the network once.
struct PromptQueue {
  /// The samples of one prompt that begin now: their requests' indices and slots, and where the logits
  /// after the prompt are.
  struct Admitted {
    let samples: [(index: Int, slot: DecodingSlot)]
    let logits: Matrix
    let row: Int
  }

  /// Requests of one prompt.
  private struct Group {
    var waiting: Range<Int>
    /// What the prompt left behind, where some of its samples have begun and others wait.
    var computed: (slot: DecodingSlot, logits: Matrix)?
  }

  /// Tokens that go through the network in one pass, as long as there are several prompts.
  private static let passTokens = 2048

  private let requests: [GenerationRequest]
  private var groups: [Group] = []
  /// The requests whose prompts do not fit.
  let refused: [Int]

  init(_ requests: [GenerationRequest], fits: ([Int32]) -> Bool) {
    self.requests = requests
    var refused: [Int] = []
    for index in requests.indices {
      guard fits(requests[index].prompt) else {
        refused.append(index)
        continue
      }
      if let last = groups.last, last.waiting.upperBound == index,
        requests[last.waiting.lowerBound].prompt == requests[index].prompt
      {
        groups[groups.count - 1].waiting = last.waiting.lowerBound..<index + 1
      } else {
        groups.append(Group(waiting: index..<index + 1, computed: nil))
      }
    }
    groups.reverse()
    self.refused = refused
  }

  var isEmpty: Bool { groups.isEmpty }

  /// Requests that wait.
  var count: Int { groups.reduce(0) { $0 + $1.waiting.count } }

  /// The next samples, at most `free` of them, with their prompts computed.
  ///
  /// Logits of this call are good until the network's next pass.
  mutating func admit(_ free: Int, through network: DecodingNetwork) -> [Admitted] {
    var (begun, left, tokens) = ([(group: Group, count: Int)](), free, 0)
    while left > 0, let group = groups.popLast() {
      let length = requests[group.waiting.lowerBound].prompt.count
      if !begun.isEmpty, tokens + length > PromptQueue.passTokens {
        groups.append(group)
        break
      }
      let count = min(left, group.waiting.count)
      begun.append((group, count))
      left -= count
      tokens += length
    }
    let fresh = begun.filter { $0.group.computed == nil }.map { $0.group.waiting.lowerBound }
    let slots = fresh.map { _ in network.makeSlot() }
    let logits =
      fresh.isEmpty ? nil : network.extend(slots, with: fresh.map { requests[$0].prompt })
    var next = 0
    return begun.map { group, count in
      var (group, row) = (group, 0)
      let taken = group.waiting.prefix(count)
      group.waiting = taken.endIndex..<group.waiting.upperBound
      if group.computed == nil, let logits {
        group.computed = (slots[next], logits)
        row = next
        next += 1
      }
      guard let (slot, logits) = group.computed else { preconditionFailure("a prompt was lost") }
      if !group.waiting.isEmpty {
        var rest = group
        rest.computed = (slot, copy(logits, row))
        groups.append(rest)
      }
      // The last sample of a prompt goes on in the prompt's own slot.
      let samples = taken.map { index in
        (index: index, slot: index + 1 == group.waiting.upperBound ? slot : slot.fork())
      }
      return Admitted(samples: samples, logits: logits, row: row)
    }
  }

  private func copy(_ logits: Matrix, _ row: Int) -> Matrix {
    Matrix(rows: 1, columns: logits.columns, values: logits.rows(row..<row + 1).array())
  }
}
