import Artifacts
import Glibc
import JSON
import Merging
import OrderedCollections
import Pipeline
import Stages
import Synchronization

/// The stage `merge-search` in this process, beside the folder that it makes.
///
/// What candidates scored is kept in `OUT.search` until the winner has its name: the same command goes on after an interruption. A
/// command or data that differ begin anew.
struct MergeSearchRun {
  let kind: StageKind
  let settings: JSON
  let inputs: OrderedDictionary<String, [String]>
  let output: String
  let report: String
  let seed: UInt64

  init(
    settings given: LocatedValue, inputs: OrderedDictionary<String, [String]>, output: String,
    report: String?, seed: UInt64
  ) throws {
    guard let kind = stageCatalogue.kind(MergeSearchStage.kind) else {
      throw Failure(.defect, "there is no stage \(MergeSearchStage.kind)")
    }
    let (resolved, problems) = kind.resolve(given)
    guard let resolved else { throw Self.failure(problems) }
    self.kind = kind
    settings = resolved.all
    self.inputs = inputs.mapValues { $0.map(Self.absolute) }
    self.output = Self.plain(output)
    self.report = report.map(Self.plain) ?? "\(self.output).report"
    self.seed = seed
  }

  private var work: String { "\(output).search" }

  func run() throws {
    for folder in [output, report] { try Self.requireRoom(folder) }
    try begin()
    let folders = ["model", "report"].map { "\(work)/\($0)" }
    for folder in folders {
      // The end of an interrupted run, which is made again from the scores.
      try Files.remove(folder)
      try Files.makeDirectory(folder)
    }
    let order = WorkOrder(
      kind: kind.name, stage: "merge-search", settings: settings, inputs: inputs,
      outputs: ["model": folders[0], "report": folders[1]], work: "\(work)/scored", seed: seed,
      threads: MachineLimits.threads())
    let talk = Mutex<SearchTalk>(SearchTalk())
    defer { talk.withLock { $0.end() } }
    try kind.perform(
      settings, StageContext(order: order) { event in talk.withLock { $0.hear(event) } })
    for (made, name) in zip(folders, [output, report]) {
      if Files.exists(name) { try Files.remove(name) }
      try Files.move(made, to: name)
      try Files.synchronize(directory: Files.directory(of: name))
    }
    try Files.remove(work)
  }

  /// Makes the folder for scores, or takes up the one of the same search.
  private func begin() throws {
    let file = "\(work)/search.json"
    let own = Array((identity.serialized(.pretty) + "\n").utf8)
    if Files.exists(work) {
      if let known = try? Files.read(file, limit: 1 << 24) {
        if known == own { return }
      } else if try !Files.names(in: work).isEmpty {
        throw Failure(
          .usage, "\(work) is there and is no search's: what candidates score would go there")
      }
      try Files.remove(work)
    }
    try Files.makeDirectory(work)
    try Files.makeDirectory("\(work)/scored")
    try Files.replace(file, with: own)
  }

  /// All that decides what is found: settings, and the files by their sizes and times.
  private var identity: JSON {
    var files: [JSON] = []
    for (slot, paths) in inputs {
      for path in paths {
        let names = ((try? Files.names(in: path)) ?? []).sorted().map { "\(path)/\($0)" }
        for file in names.isEmpty ? [path] : names {
          guard let status = try? Files.status(file) else { continue }
          files.append(
            [
              "input": .string(slot), "path": .string(file), "bytes": .integer(status.size),
              "modified": .integer(status.modified),
            ])
        }
      }
    }
    return [
      "kind": .string(kind.name), "revision": .integer(kind.revision),
      "seed": .string("\(seed)"), "settings": settings, "files": .array(files),
    ]
  }

  private static func failure(_ problems: [SettingProblem]) -> Failure {
    let lines = problems.map { problem in
      guard case .option(let text) = problem.origin else { return "error: \(problem.message)" }
      return "\(text): error: \(problem.message)"
    }
    return Failure(.badInput, lines.joined(separator: "\n"))
  }

  private static func requireRoom(_ folder: String) throws {
    guard let status = try Files.status(folder, followingLinks: false) else { return }
    guard status.kind == .directory, try Files.names(in: folder).isEmpty else {
      throw Failure(.usage, "\(folder) is there already; name a folder that is not, or is empty")
    }
  }

  private static func plain(_ path: String) -> String {
    var plain = path
    while plain.count > 1, plain.hasSuffix("/") { plain.removeLast() }
    return plain
  }

  /// Candidates are merged from links in a folder of their own.
  private static func absolute(_ path: String) -> String {
    guard let pointer = realpath(path, nil) else { return path }
    defer { free(pointer) }
    return String(cString: pointer)
  }
}

/// What a search says while it runs: a line that is drawn again, or a line for each step of it.
private struct SearchTalk {
  private var line = StatusLine()
  private var progress = StageProgress(stage: "search", now: .now)

  mutating func hear(_ event: StageEvent) {
    switch event {
    case .note(let text): line.talk(text.printable())
    case .warning(let text): line.talk("\(Paint.yellow("warning:")) \(text.printable())")
    case .progress:
      progress.take(event, now: .now)
      if Console.isLive {
        line.show(progress.live, now: .now, isUrgent: true)
      } else {
        Console.talk(progress.plain)
      }
    default: break
    }
  }

  mutating func end() { line.clear() }
}
