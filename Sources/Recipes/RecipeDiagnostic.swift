public import Pipeline

/// One mistake in a recipe, with where it stands.
public struct RecipeDiagnostic: Sendable, Equatable {
  public var message: String
  public var origin: Origin
  /// A file that is named rightly but is not there: exit code 66, if nothing else is wrong.
  public var isMissingFile = false

  public init(_ message: String, at origin: Origin, isMissingFile: Bool = false) {
    self.message = message
    self.origin = origin
    self.isMissingFile = isMissingFile
  }
}

/// Everything that is wrong with a recipe.
public struct RecipeErrors: Error, Sendable {
  public var file: String
  /// In the order in which they stand in the file; those without a line last.
  public var diagnostics: [RecipeDiagnostic]
  private let lines: [String]

  init(file: String, text: String, diagnostics: [RecipeDiagnostic]) {
    self.file = file
    lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .map(String.init)
    var unique: [RecipeDiagnostic] = []
    for diagnostic in diagnostics where !unique.contains(diagnostic) { unique.append(diagnostic) }
    self.diagnostics = unique.enumerated().sorted {
      (RecipeErrors.place($0.element), $0.offset) < (RecipeErrors.place($1.element), $1.offset)
    }.map(\.element)
  }

  private static func place(_ diagnostic: RecipeDiagnostic) -> Int {
    guard case .file(let line, let column) = diagnostic.origin else { return .max }
    return line * 4096 + min(column, 4095)
  }

  public var exitCode: ExitCode {
    diagnostics.allSatisfy(\.isMissingFile) ? .noInput : .badInput
  }
}

extension RecipeErrors: CustomStringConvertible {
  public var description: String {
    diagnostics.map(rendered).joined(separator: "\n")
  }

  /// `file:line:column: error: …`, the line, and a caret under the column.
  private func rendered(_ diagnostic: RecipeDiagnostic) -> String {
    switch diagnostic.origin {
    case .program: return "\(file): error: \(diagnostic.message)"
    case .option(let text): return "--set \(text): error: \(diagnostic.message)"
    case .file(let line, let column):
      let head = "\(file):\(line):\(column): error: \(diagnostic.message)"
      guard lines.indices.contains(line - 1) else { return head }
      let shown = lines[line - 1].prefix(200)
      let space = shown.prefix(column - 1).map { $0 == "\t" ? "\t" : " " }.joined()
      return "\(head)\n\(shown)\n\(space)^"
    }
  }
}
