import Artifacts
import Glibc
import JSON
import OrderedCollections
import Testing

@testable import Pipeline
@testable import Recipes

@Suite struct RecipeTests {
  @Test func aRecipeIsATypedGraph() throws {
    let graph = try Shelf().graph(Shelf.good)
    #expect(graph.recipe == "demo")
    #expect(graph.seed == 1024)
    #expect(graph.launch.ranks == 2)
    #expect(graph.stages.map(\.name) == ["sft", "dpo"])
    #expect(graph.stages[1].inputs["model"] == [.stage("sft", output: nil)])
    #expect(graph.stages[1].settings.all["beta"] == 0.3)
  }

  /// What a stage wants made beforehand is a stage before it, under its name.
  @Test func aPreparationIsAStageOfItsOwn() throws {
    let text = """
      stages:
        one: {kind: compare, inputs: {model: base}}
        two: {kind: compare, inputs: {model: base, ranks: $one.first}}
      """
    let found = try Shelf().graph(text.replacing(", ranks: $one.first", with: ""))
    #expect(found.stages.map(\.name) == ["one.first", "one", "two.first", "two"])
    #expect(found.stages.map(\.kind.name) == ["rank", "compare", "rank", "compare"])
    #expect(found.stages[1].inputs["ranks"] == [.stage("one.first", output: nil)])
    #expect(found.stages[0].inputs["models"] == found.stages[1].inputs["model"])
    #expect(try found.until("two").stages.map(\.name) == ["two.first", "two"])
    // A recipe cannot name one, since a dot means an output.
    #expect(try Shelf().mistakes(text).contains("stage `one` has no output `first`"))
  }

  @Test func commentsAndOrderChangeNoFingerprint() throws {
    let shelf = try Shelf()
    let other = """
      # a comment
      stages:
        dpo:
          with: {beta: 3e-1}   # another
          inputs:
            data: data.txt
            model: $sft
          kind: teach
        sft: {kind: teach, inputs: {model: base, data: data.txt}}
      launch: {ranks: 1}
      seed: 1024
      name: "demo"
      """
    let keys = try [Shelf.good, other].map { text in
      try shelf.graph(text).stages.sorted { $0.name < $1.name }.map {
        StageKey(node: $0, inputs: [:], seed: 1024, numerics: "").fingerprint
      }
    }
    #expect(keys[0] == keys[1])
  }

  @Test func everyMistakeIsShownWithItsLineAndACaret() throws {
    let text = """
      nmae: demo
      stages:
        sft:
          kind: tech
          inputs: {model: base, data: data.txt}
        dpo:
          kind: teach
          inputs: {model: $sf, dtaa: data.txt}
          with:
            beta: -1
      """
    let message = try Shelf().mistakes(text)
    #expect(
      message == """
        r.yaml:1:1: error: a recipe has no key `nmae`; did you mean `name`? \
        Keys here: name, seed, launch, stages
        nmae: demo
        ^
        r.yaml:4:11: error: there is no stage kind `tech`; did you mean `teach`? \
        Kinds: teach, rank, compare, rounds
            kind: tech
                  ^
        r.yaml:6:3: error: stage `dpo` needs the input `data` (dataset)
          dpo:
          ^
        r.yaml:8:21: error: there is no stage `sf`; did you mean `sft`?
            inputs: {model: $sf, dtaa: data.txt}
                            ^
        r.yaml:8:26: error: the inputs of stage `dpo` has no key `dtaa`; did you mean `data`? \
        Keys here: model, data, extra
            inputs: {model: $sf, dtaa: data.txt}
                                 ^
        r.yaml:10:13: error: `beta` has to be above 0
              beta: -1
                    ^
        """)
  }

  @Test func anOptionIsAppliedFirstAndNamedInItsMistakes() throws {
    let shelf = try Shelf()
    let graph = try shelf.graph(Shelf.good, ["stages.sft.with.beta=0.7", "seed=5"])
    #expect(graph.stages[0].settings.all["beta"] == 0.7)
    #expect(graph.seed == 5)
    let message = shelf.mistakes(Shelf.good, ["stages.dpo.with.beat=0.3"])
    #expect(message.hasPrefix("--set stages.dpo.with.beat=0.3: error: there is no setting `beat`"))
    #expect(message.contains("did you mean `beta`?"))
    #expect(shelf.mistakes(Shelf.good, ["beta"]).contains("path=value"))
    #expect(shelf.mistakes(Shelf.good, ["stages.dp.with.beta=1"]).contains("has no `kind`"))
  }

  @Test func aMissingFileAloneIsNoInput() throws {
    let shelf = try Shelf()
    let text = Shelf.good.replacing("model: base", with: "model: bse")
    #expect(shelf.errors(text)?.exitCode == .noInput)
    #expect(shelf.errors(text.replacing("beta", with: "beat"))?.exitCode == .badInput)
  }

  @Test func circlesAndMisfitsAreNamed() throws {
    let shelf = try Shelf()
    let circle = Shelf.good.replacing("model: base", with: "model: $dpo")
    #expect(shelf.mistakes(circle).contains("stages wait for each other: sft ← dpo ← sft"))
    let misfit = Shelf.good.replacing("data: data.txt}", with: "data: $sft}")
    #expect(shelf.mistakes(misfit).contains("takes a dataset; $sft is a model"))
    let output = Shelf.good.replacing("$sft", with: "$sft.lgo")
    #expect(shelf.mistakes(output).contains("has no output `lgo`; did you mean `log`?"))
  }

  @Test func aCompositeStandsForItsRounds() throws {
    let text = """
      stages:
        online: {kind: rounds, inputs: {model: base, data: data.txt}, with: {rounds: 2}}
        last: {kind: teach, inputs: {model: $online, data: data.txt}}
      """
    let graph = try Shelf().graph(text)
    #expect(graph.stages.map(\.name) == ["online/1/train", "online/2/train", "last"])
    #expect(graph.stages[1].inputs["model"] == [.stage("online/1/train", output: nil)])
    #expect(graph.stages[2].inputs["model"] == [.stage("online/2/train", output: "model")])
    #expect(try graph.until("online").stages.count == 2)
  }

  @Test(arguments: [
    ("a: &x 1\nb: *x", "anchors"), ("a: !!python/object x", "tags"), ("a: 1\na: 2", "second time"),
    ("stages:\n  s: {kind: teach, kind: rank}", "r.yaml:2:20"), ("[", "not YAML"), ("", "empty"),
    ("- a", "a recipe is a mapping"), ("stages: {}", "wants a mapping"), ("? [a]\n: b", "word"),
    ("name: ../x\nstages: {a: {kind: teach}}", "cannot name a recipe"),
    ("seed: -1\nstages: {a: 3}", "wants a mapping with `kind`"),
    ("stages: {a/b: {kind: teach}}", "cannot name a stage"),
  ])
  func hostileTextIsAnError(text: String, part: String) throws {
    #expect(try Shelf().mistakes(text).contains(part))
  }

  @Test func depthSizeAndBombsAreBounded() throws {
    let shelf = try Shelf()
    let deep = String(repeating: "[", count: 500) + String(repeating: "]", count: 500)
    #expect(shelf.mistakes("a: \(deep)").contains("nested deeper than 64"))
    let endless = String(repeating: "[", count: 100_000)
    #expect(shelf.mistakes(endless).contains("not YAML"))
    #expect(shelf.mistakes(String(repeating: "a", count: 1_100_000)).contains("bytes"))
    var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    for level in 1..<12 {
      let parts = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
      bomb += "a\(level): &a\(level) [\(parts)]\n"
    }
    #expect(shelf.mistakes(bomb).contains("aliases"))
  }
}
