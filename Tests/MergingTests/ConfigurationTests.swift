import Checkpoints
import Testing

@testable import Merging

@Suite struct ConfigurationTests {
  private let fixture: Fixture

  init() throws {
    fixture = try Fixture()
    try fixture.writeModelsByHand()
  }

  private let models = """
    models:
      - model: X
        parameters: {weight: 0.6}
      - model: Y
        parameters: {weight: 0.4}

    """

  @Test func mistakesAreLocatedAndCorrected() {
    let yaml = """
      merge_method: linear
      base_modle: B
      models:
        - model: X
          parameters:
            wieght: 0.5
        - modl: Y
      parameters: {normalise: true}
      dtype: bfloat61
      """
    let complaint = fixture.complaint(yaml)
    #expect(
      complaint.contains(
        #"m.yml:2:1: error: unknown key "base_modle" in the configuration; did you mean "base_model"?"#
      ))
    #expect(
      complaint.contains(#"m.yml:7:5: error: unknown key "modl" in a model; did you mean "model"?"#)
    )
    #expect(complaint.contains(#"m.yml:9:8: error: "dtype" is "bfloat61", and should be one of"#))
    // Parameters too, though the keys are wrong: from the first line to the last, and nothing that only follows from them.
    #expect(complaint.contains(#"m.yml:6:7: error: linear has no parameter "wieght""#))
    let lines = complaint.split(separator: "\n").map { $0.prefix { $0 != " " } }
    #expect(
      lines == [
        "m.yml:2:1:", "m.yml:6:7:", "m.yml:7:5:", "m.yml:7:5:", "m.yml:8:14:", "m.yml:9:8:",
      ])
  }

  /// Without a file there is no place; what a person typed is named by itself.
  @Test func whatIsTypedIsAnsweredWithoutAPlace() throws {
    let configuration = MergeConfiguration(method: "ties", base: "B", models: [("X", nil)])
    do {
      _ = try MergePlan(configuration, relativeTo: fixture.path)
      Issue.record("a weight is missing")
    } catch {
      #expect("\(error)".hasPrefix(#"ties needs "weight" for X: set it"#))
      #expect("\(error)".contains("X:WEIGHT"))
    }
  }

  @Test func misspeltParametersAndMethodsAreCorrected() {
    let yaml = "merge_method: ties\nbase_model: B\n" + models + "parameters: {densty: 0.5}\n"
    #expect(
      fixture.complaint(yaml)
        == #"m.yml:8:14: error: ties has no parameter "densty"; did you mean "density"?"#)
    #expect(
      fixture.complaint("merge_method: tise\n" + models).contains(
        #"m.yml:1:15: error: there is no merge method "tise"; did you mean "ties"?"#))
  }

  @Test(arguments: [
    ("merge_method: slerp\nbase_model: B\nmodels: [{model: X}]\n", #"slerp needs "t""#),
    ("merge_method: ties\nmodels: [{model: X}]\n", #"ties needs a "base_model""#),
    ("merge_method: linear\nmodels: [{model: X}]\n", #"linear needs "weight" for X"#),
    (
      "merge_method: slerp\nbase_model: B\nmodels: [{model: X}, {model: Y}]\nparameters: {t: 1}\n",
      "slerp takes 1 model (besides its base), not 2"
    ),
    (
      "merge_method: slerp\nbase_model: B\nmodels: [{model: X}]\nparameters: {t: 2}\n",
      #""t" is 2.0, and should be a number from 0.0 to 1.0"#
    ),
    ("merge_method: linear\n", #"needs "models""#), ("", "empty configuration"),
    ("merge_method: [", "error"), ("- 1", "should be a table"),
    (
      "merge_method: linear\nmodels: [{model: X, parameters: {weight: heavy}}]\n",
      #""weight" is "heavy", and should be a number"#
    ),
    (
      "merge_method: linear\nmodels: [{model: X, parameters: {weight: 0}}]\n",
      "the weights add up to 0.0"
    ),
    (
      "merge_method: linear\ntokenizer_source: union\nmodels: [{model: X, parameters: {weight: 1}}]\n",
      "X: tokenizer.json: found only tokenizer.json"
    ),
  ])
  func wrongConfigurationsSayWhatIsWrong(yaml: String, expected: String) {
    #expect(fixture.complaint(yaml).contains(expected), "\(fixture.complaint(yaml))")
  }

  @Test func aParameterOfAModelComesBeforeThatOfTheConfiguration() throws {
    let yaml =
      "merge_method: ties\nbase_model: B\n" + models
      + "parameters: {weight: 9, density: 0.5}\n"
    let plan = try MergePlan(MergeConfiguration(yaml: yaml), relativeTo: fixture.path)
    #expect(plan.tensors[0].parameters.numbers("weight") == [0.6, 0.4])
    #expect(plan.tensors[0].parameters.numbers("density") == [0.5, 0.5])
    #expect(plan.tensors[0].parameters.flag("normalize"))
  }

  /// Over five layers [0, 1, 0] is 0, ½, 1, ½, 0; what is outside the layers takes the first, or what its own name says.
  @Test func gradientsRunOverTheLayersAndFiltersChoose() throws {
    let names =
      ["model.embed_tokens.weight"]
      + (0..<5).map { "model.layers.\($0).mlp.weight" } + ["model.norm.weight", "lm_head.weight"]
    for model in ["P", "Q"] { try fixture.model(model, names.map { ($0, [1], [1]) }) }
    let yaml = """
      merge_method: linear
      models:
        - model: P
          parameters: {weight: 1}
        - model: Q
          parameters:
            weight:
              - {filter: lm_head, value: 7}
              - {filter: final_norm, value: 8}
              - value: [0, 1, 0]
      """
    let plan = try MergePlan(MergeConfiguration(yaml: yaml), relativeTo: fixture.path)
    let weights = plan.tensors.reduce(into: [String: Double]()) {
      $0[$1.information.name] = $1.parameters.numbers("weight")[1]
    }
    #expect(names.map { weights[$0] } == [0, 0, 0.5, 1, 0.5, 0, 8, 7])
  }

  @Test func tensorsThatDoNotFitAreNamedBeforeAnythingIsWritten() throws {
    try fixture.model("Z", [("w", [4, 2], Fixture.base)])
    try fixture.model("V", [("v", [2, 4], Fixture.base)])
    let yaml = "merge_method: linear\nparameters: {weight: 1}\nmodels: [{model: X}, {model: "
    #expect(fixture.complaint(yaml + "Z}]").contains("w is [4, 2] in Z and [2, 4] in X"))
    let missing = fixture.complaint(yaml + "V}]")
    #expect(missing.contains("w is in X and not in V"))
    #expect(missing.contains("v is in V and not in X"))
    #expect(fixture.complaint(yaml + "nowhere}]").contains("nowhere"))
  }
}
