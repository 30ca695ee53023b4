/// Why a merge cannot be made: facts, rendered by `description`.
public enum MergeError: Error, Sendable, Equatable {
  /// Everything that is wrong with a configuration, in the order of the file.
  case configuration(file: String?, [ConfigurationFault])
  /// The tensors of the models do not fit each other.
  case tensors([TensorFault])
  /// A method could make nothing of the numbers of a tensor.
  case arithmetic(tensor: String, reason: String)
  /// Another process is making the same output.
  case busy(path: String)
  /// A share of the output has not been made.
  case unfinished(path: String, missing: Int)
  /// There is something where the output should go.
  case outputExists(path: String)
  case system(path: String, operation: String, code: Int32)
}

/// A mistake in a configuration, and where it stands if it stands in a file.
public struct ConfigurationFault: Sendable, Equatable {
  public enum Kind: Sendable, Equatable {
    case syntax(String)
    case unknownKey(String, place: String, known: [String])
    case missingKey(String, place: String)
    case wrongValue(key: String, found: String, expected: String)
    case unknownMethod(String, known: [String])
    case unknownParameter(String, method: String, known: [String])
    case missingParameter(String, method: String, model: String?)
    case wrongModelCount(method: String, found: Int, expected: ClosedRange<Int>)
    case missingBase(method: String)
    case unequalLayers(found: Int, expected: Int)
    case unsupported(key: String, found: String, supported: String)
    case objection(tensor: String, reason: String)
    /// A parameter of other methods.
    case foreignParameter(String, method: String, users: [String])
    /// A filter that fits no tensor.
    case unusedFilter(String, parameter: String, known: [String])
    /// A model that takes no part in the merge.
    case unknownModel(String, known: [String])
    case unknownToken(String, place: String, nearest: String?)
    case unknownTemplate(String, known: [String])
    /// Documents of one file that do not make a graph.
    case duplicateName(String)
    case cycle([String])
    case unusedDocument(String, known: [String])
    case severalResults(Int)
  }

  public var kind: Kind
  public var position: Position?

  public init(_ kind: Kind, at position: Position? = nil) {
    self.kind = kind
    self.position = position
  }
}

/// A tensor that one model has otherwise than another.
public enum TensorFault: Sendable, Equatable {
  case missing(tensor: String, model: String, present: String)
  case shape(tensor: String, model: String, found: [Int], other: String, expected: [Int])
  case notFloats(tensor: String, model: String, elementType: String)
  case noLayers(model: String)
  case layerRange(model: String, found: Range<Int>, layers: Int)
  /// A setting of `config.json` that weights of one shape can be meant differently by.
  case architecture(model: String, key: String, found: String, other: String, expected: String)
  /// `config.json` counts other layers than there are weights of.
  case layerCount(model: String, found: Int, expected: Int)
  /// The same number is another token, or only one of the two has it.
  case vocabulary(model: String, other: String, example: String)
  /// No module of the configuration holds this tensor.
  case noModule(tensor: String)
}
