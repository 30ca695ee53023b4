import JSON
import Testing
import Transformers

/// Frequencies against transformers' own, under every rule that `config.json` may name.
@Suite struct RotaryTests {
  @Test func frequenciesAreThoseOfTransformers() throws {
    let cases = try Goldens.json("rotary").array ?? []
    #expect(cases.count == 4)
    for golden in cases {
      let configuration = try rotary(["rope_parameters": try #require(golden["parameters"])])
      let dimension = try #require(golden["headDimension"]?.int)
      let found = configuration.frequencies(headDimension: dimension).map { Float($0) }
      let expected = Goldens.floats(golden["frequencies"])
      #expect(expected.count == dimension / 2)
      for (a, b) in zip(found, expected) { #expect(abs(a / b - 1) < 1e-6) }
    }
  }

  @Test func theOlderKeysMeanTheSame() throws {
    let older: JSON = ["rope_theta": 500.0, "rope_scaling": ["type": "linear", "factor": 2.0]]
    let newer: JSON = [
      "rope_parameters": ["rope_type": "linear", "rope_theta": 500.0, "factor": 2.0]
    ]
    #expect(try rotary(older) == rotary(newer))
    #expect(try rotary(older).scaling == .linear(factor: 2))
    #expect(try rotary(["rope_scaling": .null]) == RotaryConfiguration(base: 10000))
  }

  @Test func anUnknownRuleIsNamed() {
    let error = #expect(throws: ModelError.self) {
      try rotary(["rope_scaling": ["rope_type": "yarn", "factor": 2.0]])
    }
    #expect("\(error.map(String.init(describing:)) ?? "")".contains("rope_type is \"yarn\""))
  }

  private func rotary(_ json: JSON) throws -> RotaryConfiguration {
    var whole = Toy.configuration(Toy.shape(), modelType: "llama")
    whole["rope_theta"] = nil
    for key in ["rope_theta", "rope_scaling", "rope_parameters"] {
      if let value = json[key] { whole[key] = value }
    }
    return try LlamaArchitecture().shape(ModelConfiguration(path: "here", json: whole)).rotary
  }
}
