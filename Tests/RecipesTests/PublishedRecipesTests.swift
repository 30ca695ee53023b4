import Artifacts
import JSON
import OrderedCollections
import Stages
import Testing

@testable import Pipeline
@testable import Recipes

/// The recipes of this repository, held against the stages that there are.
@Suite struct PublishedRecipesTests {
  static let names = [
    "light-r1-nano", "light-r1", "pretrain-nano", "quickstart", "smollm2-135m", "zhinao2-chat",
    "zhinao2-nano",
  ]

  @Test func everyRecipeOfTheFolderIsTriedHere() throws {
    let found = try Repository.names(in: "recipes", endingIn: ".yaml")
    #expect(found == PublishedRecipesTests.names.map { "\($0).yaml" })
  }

  @Test(arguments: names) func aRecipeHasNoMistakes(name: String) throws {
    let recipe = try Recipe(file: Repository.path("recipes/\(name).yaml"))
    do throws(RecipeErrors) {
      let graph = try recipe.graph(stageCatalogue)
      #expect(graph.recipe == name)
      #expect(!graph.stages.isEmpty)
    } catch {
      // What pretraining reads is made by a command, and is not in the repository.
      let made = ["data/nano/pretrain.jsonl", "data/nano/dialogues.jsonl"]
      let mistakes = error.diagnostics.filter { diagnostic in
        !diagnostic.isMissingFile || !made.contains { diagnostic.message.contains($0) }
      }
      #expect(mistakes.isEmpty, "\(error)")
    }
  }

  /// A user names the model and the pairs on the command line, as the README says.
  @Test func inputsAreNamedOnTheCommandLine() throws {
    let model = Repository.path("models/nano-seed")
    let pairs = Repository.path("data/nano/pairs-test.jsonl")
    let recipe = try Recipe(
      file: Repository.path("recipes/smollm2-135m.yaml"),
      changes: ["stages.sft.inputs.model=\(model)", "stages.dpo.inputs.data=\(pairs)"])
    let graph = try recipe.graph(stageCatalogue)
    #expect(graph.stage("sft")?.inputs["model"] == [.path(model)])
    #expect(graph.stage("dpo")?.inputs["data"] == [.path(pairs)])
    #expect(graph.stage("dpo")?.inputs["model"] == [.stage("sft", output: nil)])
  }

  /// `sft`, `dpo`, `reward`, `merge`, three rounds of five stages each, and for each training of pairs its reference.
  @Test func onPolicyRoundsAreStagesOfTheirOwn() throws {
    let recipe = try Recipe(file: Repository.path("recipes/zhinao2-chat.yaml"))
    let graph = try recipe.graph(stageCatalogue)
    #expect(graph.stages.count == 4 + 3 * 5 + 4)
    #expect(graph.stage("online/3/train.reference") != nil)
    #expect(graph.stage("online/3/train") != nil)
  }

  /// The plan says what the published models would need, from their shapes alone.
  @Test(arguments: [("light-r1", "sft1"), ("zhinao2-chat", "sft"), ("smollm2-135m", "sft")])
  func aShapeWithoutWeightsTellsTheMemory(name: String, stage: String) throws {
    let recipe = try Recipe(file: Repository.path("recipes/\(name).yaml"))
    let node = try #require(try recipe.graph(stageCatalogue).stage(stage))
    var inputs: OrderedDictionary<String, [String]> = [:]
    for (slot, sources) in node.inputs {
      inputs[slot] = sources.compactMap { if case .path(let path) = $0 { path } else { nil } }
    }
    let order = WorkOrder(
      kind: node.kind.name, stage: stage, settings: node.settings.all, inputs: inputs, outputs: [:],
      work: ".", seed: 1)
    let estimate = try #require(
      try node.kind.estimate(node.settings.all, StageContext(order: order) { _ in }))
    #expect(try #require(estimate.memory) > 1_000_000_000)
  }
}
