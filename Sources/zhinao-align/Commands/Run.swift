import ArgumentParser
import Artifacts
import JSON
import Kernels
import Logging
import Pipeline
import Recipes
import Stages

/// `zhinao-align run`.
struct Run: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Runs a recipe: reuses what is there, resumes what was interrupted.")

  @OptionGroup var recipe: RecipeOptions
  @OptionGroup var diagnostics: Diagnostics

  @Option(help: ArgumentHelp("Where results, checkpoints and logs are kept.", valueName: "folder"))
  var workspace = "./workspace"

  @Option(help: ArgumentHelp("Runs this stage and what it needs, no more.", valueName: "stage"))
  var until: String?

  @Option(help: "Processes that share a stage's work; the result is the same for any number.")
  var ranks: Int?

  @Option(help: "Threads of each process. [default: cores / ranks]")
  var threads: Int?

  @Flag(help: "Shows the plan, what it needs and why, and runs nothing.")
  var dryRun = false

  @Flag(
    help:
      "Tells of each stage what its time went into, kernel by kernel; profile.json beside the logs has it, too."
  )
  var profile = false

  @Flag(help: "Writes the result as one JSON document.")
  var json = false

  func validate() throws {
    for (name, value) in [("--ranks", ranks), ("--threads", threads)] {
      if let value, !(1...4096).contains(value) {
        throw ValidationError("\(name) is from 1 to 4096, found \(value)")
      }
    }
  }

  func run() async throws {
    let graph = try graph()
    let store = ArtifactStore(workspace: workspace)
    let progress = RunProgress()
    let reporting = RunReporting(recipe: graph.recipe, store: store)
    let log = diagnostics.logger("run") { progress.talk($0) }
    let launcher = Launcher(launch: graph.launch) { words, environment in
      log.debug(
        "starts a worker",
        metadata: ["command": .array(words.map { "\($0)" }), "environment": "\(environment)"])
    }
    var executor = Executor(
      graph: graph, store: store, runner: launcher, numerics: \.kernelClass)
    if dryRun { return try show(plan(executor)) }
    executor.isProfiled = profile
    StopSignal.install()
    try RememberedRecipe(recipe).save(for: graph.recipe, in: store)
    announce(graph)
    do {
      let outcome = try await executor.run { event in
        log.note(event)
        progress.take(event)
        reporting.take(event)
      }
      progress.end()
      reporting.end()
      report(outcome, graph, store)
    } catch {
      progress.end()
      if let page = reporting.end() { Console.talk("Report of this run: \(page)") }
      throw RunFailure(error, store: store, recipe: graph.recipe).failure
    }
  }

  /// The recipe's graph as this run starts it.
  private func graph() throws -> StageGraph {
    var graph = try recipe.graph()
    if let until { graph = try graph.until(until) }
    let isUnsaid = graph.launch == Launch()
    if let ranks { graph.launch.ranks = ranks }
    if let threads {
      graph.launch.threadsPerRank = threads
    } else if isUnsaid {
      graph.launch.threadsPerRank = MachineLimits.threads(ranks: graph.launch.ranks)
    }
    return graph
  }

  private func announce(_ graph: StageGraph) {
    let launch = graph.launch
    Console.talk(
      "\(graph.recipe): \(Amount.count(graph.stages.count, "stage")) · "
        + "\(Amount.count(launch.ranks, "rank")) × \(Amount.count(launch.threadsPerRank, "thread"))"
        + " · " + graph.kernelClasses.joined(separator: "; "))
    if launch.ranks * launch.threadsPerRank > MachineLimits.cores, launch.command.isEmpty {
      Console.talk(
        "\(Paint.yellow("warning:")) \(launch.ranks) × \(launch.threadsPerRank) threads on "
          + "\(Amount.count(MachineLimits.cores, "core")): this is slower, with the same result")
    }
  }

  private func plan(_ executor: Executor) throws -> RunPlan {
    do { return try executor.plan() } catch { throw Failure(error) }
  }

  private func show(_ plan: RunPlan) throws {
    let limits = MachineLimits(workspace: workspace)
    Console.result(
      json
        ? RunDocument.json(of: plan, limits: limits).serialized(.pretty)
        : PlanTable.lines(of: plan, limits: limits).joined(separator: "\n"))
  }

  private func report(_ outcome: RunOutcome, _ graph: StageGraph, _ store: ArtifactStore) {
    if json {
      Console.result(
        RunDocument.json(of: outcome, graph: graph, store: store).serialized(.pretty))
    } else {
      let lines = RunTable.lines(
        of: outcome, store: store, recipe: graph.recipe, width: Console.width)
      Console.result(lines.joined(separator: "\n").printable(keepingLines: true))
    }
  }
}
