public import Pipeline
import Transformers

/// `lora:` under PEFT's names.
public struct LowRankSettings: StageSettings, Equatable {
  public var r = 16
  public var loraAlpha = 32.0
  public var targetModules = TargetModules.allLinear
  public var useRslora = false

  public init() {}

  var configuration: LowRankConfiguration {
    LowRankConfiguration(
      rank: r, alpha: loraAlpha, isRankStabilized: useRslora, targets: targetModules.names)
  }

  func problems() -> [SettingProblem] {
    var problems: [SettingProblem] = []
    if !(1...4096).contains(r) {
      problems.append(SettingProblem("lora.r", "r is \(r), where 1 to 4096 would be right"))
    }
    if !(loraAlpha > 0) {
      problems.append(
        SettingProblem(
          "lora.lora_alpha", "lora_alpha is \(loraAlpha), where more than 0 would be right"))
    }
    let known = Projection.allCases.map(\.rawValue)
    for name in targetModules.names ?? [] where !known.contains(name) {
      problems.append(
        SettingProblem(
          "lora.target_modules",
          "no linear layer is called \(name); there are \(known.joined(separator: ", "))"))
    }
    return problems
  }
}

/// Which linear layers are adapted: `all-linear`, or a list of names.
public enum TargetModules: Codable, Sendable, Equatable {
  case allLinear
  case named([String])

  var names: [String]? {
    switch self {
    case .allLinear: nil
    case .named(let names): names
    }
  }

  public init(from decoder: any Decoder) throws {
    if let word = try? decoder.singleValueContainer().decode(String.self) {
      self = word == "all-linear" ? .allLinear : .named([word])
    } else {
      self = .named(try [String](from: decoder))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .allLinear:
      var container = encoder.singleValueContainer()
      try container.encode("all-linear")
    case .named(let names): try names.encode(to: encoder)
    }
  }
}
