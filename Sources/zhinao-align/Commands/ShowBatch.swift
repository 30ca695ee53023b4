import ArgumentParser
import Artifacts
import Glibc
import OrderedCollections
import Pipeline
import Recipes
import Stages

/// `zhinao-align show-batch`.
struct ShowBatch: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show-batch",
    abstract: "Shows what a stage learns from: a batch's tokens, those that are learnt marked.",
    discussion: """
      Every row of the data is read and encoded as the stage does it. What is learnt is green on a terminal, and \
      stands between ⟦ and ⟧ elsewhere and under NO_COLOR.
      """)

  @OptionGroup var recipe: RecipeOptions

  @Argument(
    help: ArgumentHelp("A stage that learns: sft, reward, dpo or grpo.", valueName: "stage"))
  var stage: String

  @Option(help: ArgumentHelp("Where other stages' results are.", valueName: "folder"))
  var workspace = "./workspace"

  @Option(help: "Which step's batch, from 1.")
  var step = 1

  @Option(help: "The most examples that are shown: a row, a pair, a packed row.")
  var rows = 4

  @Flag(help: "Writes a line for each token: its place, id and text, and whether it is learnt.")
  var tokens = false

  @Flag(help: "Writes a JSON line for each sequence.")
  var json = false

  func validate() throws {
    for (name, value) in [("--step", step), ("--rows", rows)] where !(1...1_000_000).contains(value)
    {
      throw ValidationError("\(name) is 1 or more, found \(value)")
    }
  }

  func run() throws {
    let graph = try recipe.graph()
    guard let node = graph.stage(stage) else {
      throw PipelineError.unknownStage(stage, known: graph.stages.map(\.name))
    }
    let inputs = try StageInputs(node, graph, ArtifactStore(workspace: workspace))
    defer { inputs.remove() }
    let order = WorkOrder(
      kind: node.kind.name, stage: node.name, settings: node.settings.all, inputs: inputs.paths,
      outputs: [:], work: inputs.folder, seed: graph.seed)
    let context = StageContext(order: order) { event in
      switch event {
      case .note(let text): Console.talk(text.printable())
      case .warning(let text): Console.talk("\(Paint.yellow("warning:")) \(text.printable())")
      default: break
      }
    }
    let preview = try BatchPreview.make(
      kind: node.kind.name, settings: node.settings.all, context, step: step - 1)
    let shown = BatchText(preview: preview, isJSON: json, listsTokens: tokens)
    if !json { Console.result(shown.head(step: step)) }
    for (index, example) in preview.examples.prefix(rows).enumerated() {
      for sequence in example { Console.result(shown.text(of: sequence, example: index + 1)) }
    }
    let rest = preview.examples.count - rows
    if rest > 0, !json {
      Console.talk("and \(Amount.count(rest, "example")) more: --rows \(rest + rows)")
    }
  }
}

/// Where a stage's inputs are before it runs.
private struct StageInputs {
  var paths: OrderedDictionary<String, [String]> = [:]
  /// For what has to be laid out, and for what the stage would keep.
  let folder: String
  private let store: ArtifactStore
  private let graph: StageGraph

  init(_ node: StageNode, _ graph: StageGraph, _ store: ArtifactStore) throws {
    self.store = store
    self.graph = graph
    folder = "\(store.workspace)/work/show-batch-\(getpid())"
    for (slot, sources) in node.inputs {
      paths[slot] = try sources.enumerated().compactMap { try path(of: $1, slot, $0) }
    }
  }

  func remove() { try? Files.remove(folder) }

  /// A path, what a stage has made, or, for a model, the one that its stage starts from: tokenizer and
  /// template are the same.
  private func path(of source: Source, _ slot: String, _ index: Int) throws -> String? {
    switch source {
    case .path(let path): return path
    case .stage(let name, let output), .sibling(let name, let output):
      if let made = try made(name, output) {
        let path = "\(folder)/inputs/\(slot)/\(index)"
        try store.materialize(made.files, at: path)
        return path
      }
      guard slot == "data" else {
        guard let node = graph.stage(name) else { return nil }
        let models = node.inputs["model"] ?? node.inputs["models"] ?? []
        return try models.first.flatMap { try self.path(of: $0, slot, index) }
      }
      throw BadInput(
        "the rows of `\(source.written)` have not been made: run the recipe with --until \(name) first"
      )
    }
  }

  private func made(_ name: String, _ output: String?) throws -> RunRecord.Output? {
    guard let key = store.lastKey(recipe: graph.recipe, stage: name),
      let record = try store.record(RunRecord.fingerprint(ofKey: key))
    else { return nil }
    return output.map { record.output(named: $0) } ?? record.outputs.first
  }
}
