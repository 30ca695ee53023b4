internal import Artifacts
public import Pipeline

/// A recipe file and what the command line changes in it.
public struct Recipe: Sendable {
  /// As it is shown in messages; inputs are relative to its directory.
  public var file: String
  public var text: String
  /// `stages.dpo.with.beta=0.3`, applied in order before anything is checked.
  public var changes: [String]

  public init(file: String, text: String, changes: [String] = []) {
    self.file = file
    self.text = text
    self.changes = changes
  }

  /// Reads a recipe file; throws `ArtifactError` where it cannot be read.
  public init(file: String, changes: [String] = []) throws {
    let bytes = try Files.read(file, limit: YAMLReading.sizeLimit + 1)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw BadInput("\(file):1:1: error: the recipe is not text in UTF-8")
    }
    self.init(file: file, text: text, changes: changes)
  }

  /// The typed graph, or every mistake at once.
  public func graph(_ catalogue: StageCatalogue) throws(RecipeErrors) -> StageGraph {
    var reader = YAMLReading()
    var problems: [RecipeDiagnostic] = []
    if var document = reader.read(text) {
      for change in changes {
        do { try document.apply(change) } catch { problems.append(error) }
      }
      var builder = GraphBuilder(
        catalogue: catalogue, directory: Files.directory(of: file),
        fallbackName: Recipe.name(of: file))
      let graph = builder.build(document)
      problems += builder.problems
      if let graph, problems.isEmpty, reader.problems.isEmpty { return graph }
    }
    throw RecipeErrors(file: file, text: text, diagnostics: reader.problems + problems)
  }

  /// The name of a recipe that does not give itself one.
  private static func name(of file: String) -> String {
    let last = file.split(separator: "/").last.map(String.init) ?? "recipe"
    return last.lastIndex(of: ".").map { String(last[..<$0]) } ?? last
  }
}

extension LocatedValue {
  /// Applies `path.to.setting=value`; the value is YAML and is known by the option from then on.
  mutating func apply(_ change: String) throws(RecipeDiagnostic) {
    let origin = Origin.option(change)
    guard let equals = change.firstIndex(of: "=") else {
      throw RecipeDiagnostic("wants `path=value`, such as stages.dpo.with.beta=0.3", at: origin)
    }
    let path = change[..<equals].split(separator: ".", omittingEmptySubsequences: false)
    guard !path.isEmpty, path.allSatisfy({ !$0.isEmpty }), path.count <= 32 else {
      throw RecipeDiagnostic("`\(change[..<equals])` is not a path", at: origin)
    }
    let text = String(change[change.index(after: equals)...])
    var reader = YAMLReading()
    let value = text.isEmpty ? nil : reader.read(text)
    if let problem = reader.problems.first {
      throw RecipeDiagnostic(problem.message, at: origin)
    }
    let plain = LocatedValue(.scalar(text: "", isPlain: true), origin: origin)
    try place((value ?? plain).moved(to: origin), at: path.map(String.init)[...], origin)
  }

  private func moved(to origin: Origin) -> LocatedValue {
    switch content {
    case .scalar: LocatedValue(content, origin: origin)
    case .list(let elements):
      LocatedValue(.list(elements.map { $0.moved(to: origin) }), origin: origin)
    case .mapping(let members):
      LocatedValue(
        .mapping(
          members.map {
            Member(key: $0.key, keyOrigin: origin, value: $0.value.moved(to: origin))
          }), origin: origin)
    }
  }

  private mutating func place(
    _ value: LocatedValue, at path: ArraySlice<String>, _ origin: Origin
  ) throws(RecipeDiagnostic) {
    guard let first = path.first else {
      self = value
      return
    }
    guard var members = self.members ?? (isNull ? [] : nil) else {
      throw RecipeDiagnostic("there is nothing called `\(first)` in \(found)", at: origin)
    }
    if let index = members.firstIndex(where: { $0.key == first }) {
      try members[index].value.place(value, at: path.dropFirst(), origin)
    } else {
      var new = LocatedValue(.mapping([]), origin: origin)
      try new.place(value, at: path.dropFirst(), origin)
      members.append(Member(key: first, keyOrigin: origin, value: new))
    }
    content = .mapping(members)
  }
}

extension RecipeDiagnostic: Error {}
