/// One or more merges, some of them made of others' results: the documents of a configuration file.
///
/// Everything is opened and checked for the whole graph before any arithmetic. Results that only others use are not written:
/// their tensors are made as they are needed.
public struct MergeGraph: Sendable {
  /// The merge whose result is wanted.
  public let plan: MergePlan
  /// The merges that it is made of, each after those that it uses.
  public let parts: [MergePlan]

  /// Everything that its author may not have meant.
  public var notes: [String] {
    parts.flatMap { part in part.notes.map { "\(part.configuration.name ?? ""): \($0)" } }
      + plan.notes
  }

  /// Reads the documents, finds their order, opens all models.
  ///
  /// - Throws: `MergeError`, `CheckpointError`.
  public init(
    yaml: String, file: String? = nil, relativeTo folder: String = ".", allowsCrimes: Bool = false
  ) throws {
    try self.init(
      MergeConfiguration.documents(yaml: yaml, file: file), file: file, relativeTo: folder,
      allowsCrimes: allowsCrimes)
  }

  public init(
    _ documents: [MergeConfiguration], file: String? = nil, relativeTo folder: String = ".",
    allowsCrimes: Bool = false
  ) throws {
    var ordering = MergeOrdering(documents)
    let order = ordering.order()
    guard ordering.faults.isEmpty, let result = order.last else {
      throw MergeError.configuration(file: file, ordering.faults)
    }
    var plans: [String: MergePlan] = [:]
    var parts: [MergePlan] = []
    for index in order.dropLast() {
      let plan = try MergePlan(
        documents[index], relativeTo: folder, file: file, merges: plans, allowsCrimes: allowsCrimes)
      plans[documents[index].name ?? ""] = plan
      parts.append(plan)
    }
    self.parts = parts
    plan = try MergePlan(
      documents[result], relativeTo: folder, file: file, merges: plans, allowsCrimes: allowsCrimes)
  }

  /// The paths of models on disk that the documents name, with their adapters apart.
  public static func paths(yaml: String, file: String? = nil) throws -> [String] {
    let documents = try MergeConfiguration.documents(yaml: yaml, file: file)
    let names = documents.compactMap(\.name)
    var paths: [String] = []
    for path in documents.flatMap(\.modelPaths) where !names.contains(path) {
      if !paths.contains(path) { paths.append(path) }
    }
    return paths
  }
}

/// In which order documents can be planned.
struct MergeOrdering {
  private let documents: [MergeConfiguration]
  private(set) var faults: [ConfigurationFault] = []

  init(_ documents: [MergeConfiguration]) { self.documents = documents }

  /// Indices of the documents, each after those that it uses and the result last; empty where there are faults.
  mutating func order() -> [Int] {
    let names = documents.map(\.name)
    for (index, name) in names.enumerated() where name != nil && names[..<index].contains(name) {
      fault(.duplicateName(name ?? ""), index)
    }
    guard faults.isEmpty, let result = result() else { return [] }
    var order: [Int] = []
    visit(result, path: [], &order)
    guard faults.isEmpty else { return [] }
    for index in documents.indices where !order.contains(index) {
      fault(
        .unusedDocument(
          names[index] ?? "", known: order.flatMap { documents[$0].modelPaths }), index)
    }
    return faults.isEmpty ? order : []
  }

  /// The document without a name, or else the one that no other uses.
  private mutating func result() -> Int? {
    let unnamed = documents.indices.filter { documents[$0].name == nil }
    if unnamed.count > 1 {
      fault(.severalResults(unnamed.count), unnamed[1])
      return nil
    }
    if let only = unnamed.first { return only }
    let used = Set(documents.indices.flatMap(uses))
    let free = documents.indices.filter { !used.contains($0) }
    // With none free there is a cycle, which the walk from any document finds.
    return free.last ?? documents.indices.last
  }

  private func uses(_ index: Int) -> [Int] {
    documents[index].modelPaths.compactMap { path in
      documents.firstIndex { document in
        document.name.map { path == $0 || path.hasPrefix($0 + "+") } ?? false
      }
    }
  }

  private mutating func visit(_ index: Int, path: [Int], _ order: inout [Int]) {
    if path.contains(index) {
      fault(.cycle((path + [index]).map { documents[$0].name ?? "the result" }), index)
      return
    }
    guard !order.contains(index) else { return }
    for other in uses(index) where faults.isEmpty {
      visit(other, path: path + [index], &order)
    }
    order.append(index)
  }

  private mutating func fault(_ kind: ConfigurationFault.Kind, _ index: Int) {
    faults.append(ConfigurationFault(kind, at: documents[index].methodPosition))
  }
}
