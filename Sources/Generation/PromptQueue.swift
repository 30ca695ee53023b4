import Kernels
import Transformers

/// Requests that wait for their turn; neighbours with one prompt go through the network once.
struct PromptQueue {
  /// The samples of one prompt that begin now: their requests' indices and slots, and where the logits
  /// after the prompt are.
  struct Admitted {
    /// Which of the queue's prompts it is.
    let prompt: Int
    let samples: [(index: Int, slot: DecodingSlot)]
    let logits: Matrix
    let row: Int
  }

  /// Requests of one prompt.
  private struct Group {
    /// Which of the queue's prompts it is.
    let prompt: Int
    var waiting: Range<Int>
    /// What the prompt left behind, where some of its samples have begun and others wait.
    var computed: (slot: DecodingSlot, logits: Matrix)?
  }

  /// Tokens that go through the network in one pass, as long as there are several prompts.
  private static let passTokens = 2048

  private let requests: [GenerationRequest]
  private var groups: [Group] = []
  /// Each prompt's pages, and how many of its samples have not ended.
  private var prompts: [(need: CacheBudget.Need, open: Int)] = []
  private var budget: CacheBudget
  /// The requests whose prompts do not fit.
  let refused: [Int]

  /// `limit` is how many positions a sequence of a prompt's length may come to have in its cache.
  init(
    _ requests: [GenerationRequest], pages: Int? = nil, limit: (_ promptLength: Int) -> Int,
    fits: ([Int32]) -> Bool
  ) {
    self.requests = requests
    budget = CacheBudget(pages: pages)
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
        prompts[last.prompt].open += 1
      } else {
        groups.append(Group(prompt: prompts.count, waiting: index..<index + 1, computed: nil))
        let length = requests[index].prompt.count
        prompts.append((CacheBudget.Need(promptLength: length, limit: limit(length)), 1))
      }
    }
    groups.reverse()
    self.refused = refused
  }

  var isEmpty: Bool { groups.isEmpty }

  /// Requests that wait.
  var count: Int { groups.reduce(0) { $0 + $1.waiting.count } }

  /// The most pages that any prompt's first sample needs to begin, and that prompt's first request.
  var greatestNeed: (pages: Int, request: Int)? {
    groups.map { group in
      (prompts[group.prompt].need.first(of: group.waiting.count), group.waiting.lowerBound)
    }.max { $0.0 < $1.0 }
  }

  /// Takes back what a sample of a prompt had.
  mutating func release(prompt: Int) {
    prompts[prompt].open -= 1
    budget.release(prompts[prompt].need, isLast: prompts[prompt].open == 0)
  }

  /// The next samples, at most `free` of them and as far as their caches have room, with their prompts computed.
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
      let count = budget.admit(
        left, of: group.waiting.count, prompts[group.prompt].need, hasBegun: group.computed != nil)
      guard count > 0 else {
        groups.append(group)
        break
      }
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
      return Admitted(prompt: group.prompt, samples: samples, logits: logits, row: row)
    }
  }

  private func copy(_ logits: Matrix, _ row: Int) -> Matrix {
    Matrix(rows: 1, columns: logits.columns, values: logits.rows(row..<row + 1).array())
  }
}
