/// The same tensor of every model.
public struct MergeTensors: Sendable {
  /// The output tensor's name, a coordinate of random masks.
  public var name: String
  public var seed: UInt64
  /// Outermost dimension first.
  public var shape: [Int]
  /// Nil where the method takes no base, or none was given.
  public var base: MergeInput?
  /// In the order of the configuration; without the base where it is not a model.
  public var models: [MergeInput]
  public var parameters: ResolvedParameters
  /// On how many threads it is read and merged; no number changes a bit.
  public var threads: Int

  public init(
    name: String, seed: UInt64 = 0, shape: [Int], base: MergeInput?, models: [MergeInput],
    parameters: ResolvedParameters, threads: Int = 1
  ) {
    self.name = name
    self.seed = seed
    self.shape = shape
    self.base = base
    self.models = models
    self.parameters = parameters
    self.threads = threads
    for input in models + (base.map { [$0] } ?? []) {
      precondition(input.count == count, "\(input.count) elements of \(name) where \(shape) is due")
    }
  }

  public var count: Int { shape.reduce(1, &*) }

  /// Only one of the models, beside the base.
  func alone(_ model: Int) -> MergeTensors {
    var alone = self
    alone.models = [models[model]]
    return alone
  }

  func layout(_ cut: BlockCut) -> BlockLayout { BlockLayout(shape: shape, cut: cut) }

  /// What is found in each block, from the first to the last.
  func map<Result: Sendable>(_ cut: BlockCut, _ body: (MergeBlock) throws -> Result) throws
    -> [Result]
  {
    try map(cut, scratch: ()) { try body($1) }
  }

  /// The same, every thread with a scratch of its own.
  func map<Scratch: Sendable, Result: Sendable>(
    _ cut: BlockCut, scratch: @autoclosure () -> Scratch,
    _ body: (inout Scratch, MergeBlock) throws -> Result
  ) throws -> [Result] {
    let layout = layout(cut)
    return try Workers(threads: threads).map(
      layout.blockCount, scratch: (block: MergeBlock(), own: scratch())
    ) {
      try layout.read($1, base: base, models: models, into: &$0.block)
      return try body(&$0.own, $0.block)
    }
  }

  /// What threads gather from the blocks they come by: for whole numbers, whose sums have no order.
  func gather<State: Sendable>(
    _ cut: BlockCut, startingWith start: @autoclosure () -> State,
    _ body: (inout State, MergeBlock) throws -> Void
  ) throws -> [State] {
    let layout = layout(cut)
    let states = try Workers(threads: threads).gather(
      layout.blockCount, startingWith: (block: MergeBlock(), state: start())
    ) {
      try layout.read($1, base: base, models: models, into: &$0.block)
      try body(&$0.state, $0.block)
    }
    return states.map(\.state)
  }
}

extension MergeMethod {
  /// The whole merged tensor, row-major: for what is small, and for tests.
  public func merge(_ tensors: MergeTensors) throws -> [Float] {
    let merge = try merging(tensors)
    let layout = tensors.layout(merge.cut)
    let parts = try Workers(threads: tensors.threads).map(
      layout.blockCount, scratch: BlockMerger()
    ) { merger, block in
      try merger.merge(block, of: layout, tensors, by: merge)
      return merger.runs.flatMap { merger.values.floats($0) }
    }
    return parts.flatMap { $0 }
  }
}

/// One thread's room to merge blocks in.
struct BlockMerger: Sendable {
  private var block = MergeBlock()
  private var merged: [WideLanes] = []
  /// The block's merged values, each rounded once from the sums.
  private(set) var values: [Lanes] = []

  /// Where in `values` the tensor's elements stand, without what pads the rows.
  var runs: [Range<Int>] {
    let count = block.rows.count * block.columns
    if block.columns % 8 == 0 || block.rows.count == 1 { return [0..<count] }
    return block.rows.indices.map {
      let start = ($0 - block.rows.lowerBound) * block.lanesPerRow * 8
      return start..<start + block.columns
    }
  }

  mutating func merge(
    _ index: Int, of layout: BlockLayout, _ tensors: MergeTensors, by merge: any BlockMerge
  ) throws {
    try layout.read(index, base: tensors.base, models: tensors.models, into: &block)
    let count = block.lanes.count
    if merged.count == count {
      for lanes in merged.indices { merged[lanes] = WideLanes() }
    } else {
      merged = [WideLanes](repeating: WideLanes(), count: count)
      values = [Lanes](repeating: Lanes(), count: count)
    }
    merge.merge(block, into: &merged)
    for lanes in 0..<count { values[lanes] = Lanes(merged[lanes]) }
  }
}
