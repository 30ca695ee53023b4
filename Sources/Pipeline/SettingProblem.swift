/// What is wrong with one setting.
public struct SettingProblem: Error, Sendable, Equatable {
  /// The setting, nested ones with dots: `lora.r`.
  public var path: String
  public var message: String
  public var origin: Origin

  /// A problem that a stage found in its settings; the place is looked up from the path.
  public init(_ path: String, _ message: String) {
    self.init(path: path, message: message, origin: .program)
  }

  init(path: String, message: String, origin: Origin) {
    self.path = path
    self.message = message
    self.origin = origin
  }
}

/// Settings of a stage, or a group of settings within them (`lora: {r: 16}`).
///
/// Every property has a default, given by `init()`. Property names are written in camel case and
/// read in snake case: `learningRate` is `learning_rate`.
public protocol StageSettings: Codable, Sendable {
  init()
}

/// The way a setting is written for a property's name: `numTrainEpochs` → `num_train_epochs`.
func snakeCase(_ name: String) -> String {
  var result = ""
  var previousIsLower = false
  for character in name {
    if character.isUppercase {
      if previousIsLower { result += "_" }
      result += character.lowercased()
      previousIsLower = false
    } else {
      result.append(character)
      previousIsLower = character.isLowercase || character.isNumber
    }
  }
  return result
}

/// A dictionary's keys are a person's own words and are not respelled.
protocol OwnKeys {}
extension Dictionary: OwnKeys where Key == String {}

/// The key path of a coding path, as it is written.
func written(_ path: [any CodingKey]) -> String {
  path.map { $0.intValue.map { "\($0 + 1)" } ?? snakeCase($0.stringValue) }
    .joined(separator: ".")
}
