public import JSON

/// A `config.json`, read key by key with bounds, so that a hostile one cannot ask for the moon.
public struct ModelConfiguration: Sendable {
  /// Where it stands, for messages.
  public let path: String
  public let json: JSON

  public init(path: String, json: JSON) {
    self.path = path
    self.json = json
  }

  /// A size: a whole number from 1 to `limit`.
  public func size(_ key: String, default fallback: Int? = nil, limit: Int) throws -> Int {
    guard let value = present(key) else {
      if let fallback { return fallback }
      throw ModelError.configuration(
        path: path, key: key, found: "nothing", expected: "a whole number from 1 to \(limit)")
    }
    guard let size = value.int, (1...limit).contains(size) else {
      throw wrong(key, value, "a whole number from 1 to \(limit)")
    }
    return size
  }

  public func number(_ key: String, default fallback: Double) throws -> Double {
    guard let value = present(key) else { return fallback }
    guard let number = value.double, number.isFinite else { throw wrong(key, value, "a number") }
    return number
  }

  public func flag(_ key: String, default fallback: Bool) throws -> Bool {
    guard let value = present(key) else { return fallback }
    guard let flag = value.bool else { throw wrong(key, value, "true or false") }
    return flag
  }

  public func text(_ key: String) throws -> String {
    guard let value = present(key) else {
      throw ModelError.configuration(path: path, key: key, found: "nothing", expected: "a string")
    }
    guard let text = value.string else { throw wrong(key, value, "a string") }
    return text
  }

  /// The value under a key, where it is there and not null.
  func present(_ key: String) -> JSON? {
    json[key].flatMap { $0.isNull ? nil : $0 }
  }

  func wrong(_ key: String, _ value: JSON, _ expected: String) -> ModelError {
    ModelError.configuration(
      path: path, key: key, found: value.serialized(.compact), expected: expected)
  }
}

/// What keeps a model from being loaded: facts, rendered by `description`.
public enum ModelError: Error, Sendable, Equatable {
  case configuration(path: String, key: String, found: String, expected: String)
  case unknownArchitecture(path: String, modelType: String, known: [String])
  case wrongShape(path: String, tensor: String, found: [Int], expected: [Int])
  case missingTensors(path: String, names: [String])
  case unknownTensors(path: String, names: [String])
  case noWeights(path: String)
  case adapterMismatch(path: String, reason: String)
}

extension ModelError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .configuration(let path, let key, let found, let expected):
      "\(path)/config.json: \(key) is \(found), where \(expected) would be right"
    case .unknownArchitecture(let path, let modelType, let known):
      "\(path)/config.json: model_type is \"\(modelType)\"; known are \(known.joined(separator: ", "))"
    case .wrongShape(let path, let tensor, let found, let expected):
      "\(path): \(tensor) has the shape \(found), where config.json asks for \(expected)"
    case .missingTensors(let path, let names):
      "\(path): \(ModelError.list(names)) missing from the weights"
    case .unknownTensors(let path, let names):
      "\(path): \(ModelError.list(names)) in the weights that the architecture does not have"
    case .noWeights(let path):
      "\(path) holds no weights: model.safetensors, or `initialize: true` to start from random ones"
    case .adapterMismatch(let path, let reason): "\(path): \(reason)"
    }
  }

  private static func list(_ names: [String]) -> String {
    let shown = names.prefix(3).joined(separator: ", ")
    return names.count > 3 ? "\(shown) and \(names.count - 3) more tensors" : "tensors \(shown)"
  }
}
