import Kernels

/// What the cache of keys and values may take, in pages of 16 positions: who may begin, and who has to wait.
///
/// A sequence begins when there is room for all that it may still become, so that none is ever interrupted. Whole pages of
/// a prompt are kept once for all of its samples.
struct CacheBudget {
  /// Pages that a prompt's samples share, and pages that each has of its own.
  struct Need: Equatable {
    var shared: Int
    var own: Int
    /// Whether the prompt ends within a page: then its samples that wait keep a page of their own.
    var isPartial: Bool

    init(promptLength: Int, limit: Int) {
      let page = KeyValueCache.pagePositions
      shared = promptLength / page
      own = (max(limit, promptLength) + page - 1) / page - shared
      isPartial = promptLength % page != 0
    }

    /// What the first of several samples, or the only one, needs to begin.
    func first(of count: Int) -> Int { shared + own + waiting(count - 1) }

    /// What is kept for samples that wait.
    func waiting(_ count: Int) -> Int { count > 0 && isPartial ? 1 : 0 }
  }

  /// Pages that are free; nil where there is no limit.
  private(set) var free: Int?

  /// How many of `waiting` samples of one prompt may begin, at most `count`; takes their pages.
  ///
  /// `hasBegun` says that others of the prompt's samples began before.
  mutating func admit(_ count: Int, of waiting: Int, _ need: Need, hasBegun: Bool) -> Int {
    guard let free else { return min(count, waiting) }
    func cost(_ begun: Int) -> Int {
      begun * need.own + need.waiting(waiting - begun)
        + (hasBegun ? -need.waiting(waiting) : need.shared)
    }
    let begun = (1...min(count, waiting)).last { cost($0) <= free }
    guard let begun else { return 0 }
    self.free = free - cost(begun)
    return begun
  }

  /// Takes back the pages of a sample that has ended; of the last one of its prompt also the shared ones.
  mutating func release(_ need: Need, isLast: Bool) {
    guard let free else { return }
    self.free = free + need.own + (isLast ? need.shared : 0)
  }

  init(pages: Int?) { free = pages }
}

/// What keeps completions from being sampled.
public enum GenerationError: Error, Sendable, Equatable {
  /// The longest sequence does not fit into the cache: what it may take, and what it would have to, in bytes.
  case cacheTooSmall(limit: Int, needed: Int, promptLength: Int, newTokens: Int)
}

extension GenerationError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .cacheTooSmall(let limit, let needed, let promptLength, let newTokens):
      "a cache of \(limit) bytes does not hold a prompt of \(promptLength) tokens with \(newTokens) new "
        + "ones: \(needed) bytes would"
    }
  }
}
