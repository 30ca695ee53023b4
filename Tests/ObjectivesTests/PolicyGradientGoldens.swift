import Foundation
import Testing

@testable import Objectives

/// What TRL says in float64 of the log-probabilities of `Peers`; see Goldens/policy_gradient.py.
struct PolicyGradientGoldens: Decodable {
  struct Case: Decodable {
    var loss: PolicyGradientLoss
    var beta: Double
    var level: ImportanceSamplingLevel
    var delta: Double?
    var epsilonHigh: Double
    var isDivergenceCorrected: Bool
    var topEntropyQuantile: Double
    var value: Double
    var metrics: [String: Double]
    var slopes: [[Double]]
  }

  var entropies: [[Float]]
  var cases: [Case]

  static func load() throws -> PolicyGradientGoldens {
    let file = try #require(
      Bundle.module.url(
        forResource: "policy-gradient", withExtension: "json", subdirectory: "Goldens"))
    return try JSONDecoder().decode(Self.self, from: Data(contentsOf: file))
  }
}
