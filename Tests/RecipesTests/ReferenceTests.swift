import JSON
import OrderedCollections
import Stages
import Testing

@testable import Pipeline

/// `docs/recipes.md`, held against the settings that there are.
@Suite struct ReferenceTests {
  /// `| `key` | default | …`, all cells without their backquotes and daggers.
  private static func rows() throws -> [(key: String, value: String)] {
    try Repository.text("docs/recipes.md").split(separator: "\n").compactMap { line in
      let cells = line.split(separator: "|").map { cell in
        String(cell.filter { $0 != "`" && $0 != "†" }).trimmed
      }
      guard line.hasPrefix("| `"), cells.count > 2 else { return nil }
      return (cells[0], cells[1])
    }
  }

  @Test func everyKindHasASection() throws {
    let text = try Repository.text("docs/recipes.md")
    #expect(stageCatalogue.names.count == 17)
    for name in stageCatalogue.names { #expect(text.contains("\n## `\(name)`"), "\(name)") }
  }

  @Test func everySettingIsInTheReferenceWithItsDefault() throws {
    let rows = try ReferenceTests.rows()
    var count = 0
    let kinds = stageCatalogue.kinds.map { ($0.name, $0.defaults) }
    let composites = stageCatalogue.composites.map { ($0.name, $0.defaults) }
    for (kind, defaults) in kinds + composites {
      for (key, value) in try #require(try defaults().object) {
        count += 1
        let known = rows.filter { $0.key == key }.map(\.value)
        #expect(known.contains { ReferenceTests.says($0, value) }, "\(kind): \(key) is \(value)")
      }
    }
    #expect(count > 150)
  }

  /// No setting is described that there is not.
  @Test func theReferenceNamesNothingElse() throws {
    var keys: Set<String> = ["name", "seed", "launch", "stages"]
    keys.formUnion(["ranks", "threads_per_rank", "command", "kind", "inputs", "with"])
    keys.formUnion(try #require(try SettingsReading.resolved(RewardSettings()).object).keys)
    keys.formUnion(["r", "lora_alpha", "target_modules", "use_rslora"])
    keys.formUnion(["gate", "alarm", "metric", "min", "max", "action", "of", "window"])
    keys.formUnion(["max_rise", "max_drop"])
    for kind in stageCatalogue.kinds {
      keys.formUnion(try #require(try kind.defaults().object).keys)
      keys.formUnion(kind.inputs.map(\.name) + kind.outputs.map(\.name))
    }
    for kind in stageCatalogue.composites {
      keys.formUnion(try #require(try kind.defaults().object).keys)
      keys.formUnion(kind.inputs.map(\.name) + kind.outputs.map(\.name))
    }
    for row in try ReferenceTests.rows() { #expect(keys.contains(row.key), "\(row.key)") }
  }

  /// Whether a cell says a value: as text, as a number however it is written, `–` for null.
  private static func says(_ cell: String, _ value: JSON) -> Bool {
    switch value {
    case .null: return cell == "–"
    case .string(let text): return cell == text
    case .integer(let number): return Double(cell) == Double(number)
    case .number(let number): return Double(cell) == number
    default:
      guard let said = try? JSON(parsing: cell) else { return false }
      return said.serialized(.canonical) == value.withoutUnset.serialized(.canonical)
    }
  }
}

extension JSON {
  /// Without the keys of which nothing is set, which nobody writes down.
  fileprivate var withoutUnset: JSON {
    if let elements = array { return .array(elements.map(\.withoutUnset)) }
    guard let members = object else { return self }
    return .object(members.filter { $0.value != .null && $0.value != [] }.mapValues(\.withoutUnset))
  }
}

extension String {
  fileprivate var trimmed: String {
    var rest = self[...]
    while rest.first == " " { rest.removeFirst() }
    while rest.last == " " { rest.removeLast() }
    return String(rest)
  }
}
