public import Checkpoints

/// Which tensors of a merge a process makes, where several share the work.
public struct MergeShare: Sendable, Equatable {
  public var rank: Int
  public var ranks: Int

  public init(rank: Int, of ranks: Int) {
    precondition(rank >= 0 && rank < ranks, "there is no rank \(rank) of \(ranks)")
    self.rank = rank
    self.ranks = ranks
  }

  public static let all = MergeShare(rank: 0, of: 1)

  /// The positions of this share's tensors: each goes to the rank that has the fewest bytes so far.
  func positions(of places: [SafetensorsPlacement.Place]) -> [Int] {
    var bytes = [Int](repeating: 0, count: ranks)
    var own: [Int] = []
    for (position, place) in places.enumerated() {
      let least = bytes.indices.min { bytes[$0] < bytes[$1] } ?? 0
      bytes[least] += place.byteCount
      if least == rank { own.append(position) }
    }
    return own
  }
}

/// A merge under way: an output that is being written beside its name, tensor by tensor, by one process or several.
///
/// The first process opens it, then others may join; each makes its share; when all have, the first finishes it. Which process makes
/// which tensor, and how many there are, changes no byte. What was written before an interruption is found again, compared with
/// the journal and kept, by however many processes it is gone on with.
public final class MergeSession {
  private let plan: MergePlan
  private let maker: TensorMaker
  private let notes: String
  /// Only of the process that opened it.
  private var folder: PublishedFolder?

  /// Begins an output, or goes on with one that was interrupted, if plan and inputs are still the same.
  ///
  /// The unfinished output stands in `partial`, on the same file system; in `<output>.partial` if nil.
  ///
  /// - Throws: `MergeError.outputExists`, `.busy`, `.system` (a disk without room too), before any work.
  public init(
    _ plan: MergePlan, output: String, partial: String? = nil,
    shardLimit: Int = SafetensorsWriter.defaultShardLimit
  ) throws {
    let folder = try PublishedFolder(
      resuming: partial ?? MergeSession.partial(of: output), path: output)
    let notes = folder.notes ?? folder.temporary
    let placement = try SafetensorsPlacement(
      tensors: plan.tensors.map(\.information), shardLimit: shardLimit)
    let text = MergeNotes.text(of: plan, shardLimit: shardLimit)
    var files: OutputFiles?
    if MergeNotes.read("\(notes)/plan") == Array(text.utf8) {
      files = OutputFiles(existing: placement, in: folder.temporary)
    }
    if files == nil {
      try folder.clear()
      try OutputFiles.requireRoom(for: placement, in: folder.temporary)
      files = try OutputFiles(making: placement, in: folder.temporary)
      try MergeNotes.write(text, "\(notes)/plan")
    }
    guard let files else { preconditionFailure("files are neither found nor made") }
    self.plan = plan
    self.notes = notes
    maker = TensorMaker(plan: plan, files: files, placement: placement)
    self.folder = consume folder
  }

  /// Joins an output that another process has opened.
  public init(
    joining plan: MergePlan, output: String, partial: String? = nil,
    shardLimit: Int = SafetensorsWriter.defaultShardLimit
  ) throws {
    let notes = partial ?? MergeSession.partial(of: output)
    let placement = try SafetensorsPlacement(
      tensors: plan.tensors.map(\.information), shardLimit: shardLimit)
    guard let files = OutputFiles(existing: placement, in: "\(notes)/files") else {
      throw MergeError.unfinished(path: notes, missing: plan.tensors.count)
    }
    self.plan = plan
    self.notes = notes
    maker = TensorMaker(plan: plan, files: files, placement: placement)
    folder = nil
  }

  private static func partial(of output: String) -> String {
    var plain = output[...]
    while plain.count > 1, plain.hasSuffix("/") { plain.removeLast() }
    return "\(plain).partial"
  }

  /// Makes the tensors of a share that are not there yet.
  public func make(
    _ share: MergeShare = .all, threads: Int = MergeSession.availableThreads,
    progress: (MergePlan.Progress) throws -> Void = { _ in }
  ) throws {
    let journal = try MergeJournal(folder: notes, writer: share.rank)
    let records = MergeJournal.records(in: notes)
    let own = share.positions(of: maker.placement.places)
    var done = 0
    func report(_ position: Int) throws {
      done += 1
      let name = plan.tensors[position].information.name
      try progress(MergePlan.Progress(tensor: name, done: done, total: own.count))
    }
    var missing: [Int] = []
    for position in own {
      let place = maker.placement.places[position]
      let record = records[place.information.name]
      let isThere = try record.map {
        try $0 == maker.files.checksum(of: place, workers: Workers(threads: threads))
      }
      if isThere == true { try report(position) } else { missing.append(position) }
    }
    let groups = groups(of: missing)
    for (index, group) in groups.enumerated() {
      if index + 1 < groups.count { try prefetch(groups[index + 1]) }
      let sums = try sums(of: group, threads: threads)
      for (position, sum) in zip(group, sums) {
        try journal.record(plan.tensors[position].information.name, sum)
        try report(position)
      }
    }
  }

  /// Writes what stands beside the weights, and puts the output under its name.
  ///
  /// - Throws: `MergeError.unfinished` if a share has not been made.
  public func finish() throws {
    guard let folder = folder.take() else {
      preconditionFailure("the process that opened a session finishes it, once")
    }
    let records = MergeJournal.records(in: notes)
    let missing = plan.tensors.count { records[$0.information.name] == nil }
    guard missing == 0 else { throw MergeError.unfinished(path: notes, missing: missing) }
    try maker.files.flush()
    if let index = maker.placement.index { try folder.write(index.text, name: index.name) }
    try plan.writeCompanions(into: folder)
    try folder.publish()
  }

  /// As many as there are processors.
  public static var availableThreads: Int { Workers.available }
}

extension MergeSession {
  /// Tensors smaller than this are made whole by one thread each, several at a time.
  private static let smallElements = 1 << 17

  /// Neighbours that are small together, others alone.
  private func groups(of positions: [Int]) -> [[Int]] {
    var groups: [[Int]] = []
    var isOpen = false
    for position in positions {
      let isSmall = plan.tensors[position].information.elementCount < Self.smallElements
      if isSmall, isOpen, let last = groups.indices.last, groups[last].count < 64 {
        groups[last].append(position)
      } else {
        groups.append([position])
      }
      isOpen = isSmall
    }
    return groups
  }

  private func sums(of group: [Int], threads: Int) throws -> [Checksum] {
    let (maker, plan) = (maker, plan)
    guard group.count > 1 else {
      return try group.map { try maker.make(plan.tensors[$0], threads: threads) }
    }
    return try Workers(threads: threads).map(group.count, scratch: ()) { _, index in
      try maker.make(plan.tensors[group[index]], threads: 1)
    }
  }

  private func prefetch(_ group: [Int]) throws {
    for position in group where plan.tensors[position].copied == nil {
      try plan.inputs(of: plan.tensors[position], threads: 1).prefetch()
    }
  }
}
