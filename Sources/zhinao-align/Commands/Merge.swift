import ArgumentParser
import Artifacts
import Checkpoints
import Merging
import OrderedCollections
import Pipeline
import Stages

/// `zhinao-align merge`.
struct Merge: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Merges models, as mergekit's YAML says or as the options say.",
    usage: """
      zhinao-align merge CONFIG.yml OUT
      zhinao-align merge CONFIG.yml --plan | --inspect
      zhinao-align merge --method ties --base BASE --output OUT MODEL[:WEIGHT] MODEL[:WEIGHT] …
      zhinao-align merge --method ties --base BASE --output OUT MODEL MODEL … --search --on problems=FILE
      """,
    discussion: """
      A MODEL is a Hugging Face directory, a .gguf file, or one of them with a PEFT adapter: \
      BASE+ADAPTER. Where all of them are adapters, they are combined into one adapter.
      """)

  @Argument(
    help: ArgumentHelp(
      "mergekit's configuration and the folder to make; or the models, with weights.",
      valueName: "arguments"))
  var words: [String] = []

  @Option(
    help: "How to merge: \(MergeMethods.all.map(\.name).joined(separator: ", ")).")
  var method: String?

  @Option(help: "The model from which the others' changes are counted.")
  var base: String?

  @Option(help: "The folder to make.")
  var output: String?

  @Option(help: "The share of each model's changes that is kept.")
  var density: Double?

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp(
      "Sets a parameter of the method. May be given again.", valueName: "name=value"))
  var settings: [String] = []

  @Option(help: "Decides the random masks of methods that have any.")
  var seed: UInt64 = 0

  @Option(help: "The type of the output's weights. [default: as the models have them]")
  var dtype: WeightType?

  @Flag(
    help: "Merges models whose config.json says that their weights mean different things.")
  var allowCrimes = false

  @OptionGroup var looking: MergeLooking
  @OptionGroup var searching: MergeSearching

  @Flag(
    inversion: .prefixedNo,
    help: "Reads the result again: every number finite, loaded, a token generated.")
  var proof = true

  @Flag(help: "Writes the SHA-256 of the models' weights into the model card.")
  var digests = false

  func validate() throws {
    try looking.validateTogether()
    try searching.validateTogether(
      method: method, models: words.count, isLooking: looking.isWanted)
    if method == nil {
      let options = [
        ("--base", base != nil), ("--output", output != nil), ("--density", density != nil),
        ("--set", !settings.isEmpty), ("--dtype", dtype != nil),
      ]
      if let option = options.first(where: \.1) {
        throw ValidationError("\(option.0) goes with --method; CONFIG.yml says such things itself")
      }
      guard words.count == 2 || words.count == 1 && looking.isWanted else {
        throw ValidationError(
          "merge takes CONFIG.yml and OUT, or --method, --output and models; found "
            + Amount.count(words.count, "argument"))
      }
    } else {
      guard output != nil || looking.isWanted else {
        throw ValidationError("--output is missing: the folder to make")
      }
      guard !words.isEmpty else { throw ValidationError("there are no models to merge") }
    }
  }

  func run() throws {
    if let method, searching.search { return try search(method) }
    if let method, let adapters = try AdapterCombining(method, words.map(Merge.model)) {
      return try adapters.run(
        output: output ?? "", base: base, density: density, settings: settings, seed: seed)
    }
    let graph: MergeGraph
    let folder: String
    if let method {
      folder = output ?? ""
      graph = try MergeGraph([try configuration(method)], allowsCrimes: allowCrimes)
    } else {
      folder = words.count == 2 ? words[1] : ""
      graph = try MergeFile(path: words[0]).graph(allowsCrimes: allowCrimes)
    }
    for note in graph.notes { Console.talk("\(Paint.yellow("note:")) \(note.printable())") }
    if looking.isWanted { return try looking.run(graph) }
    var plan = graph.plan
    if digests {
      let paths = plan.configuration.modelPaths
      plan.digests = try WeightDigests.of(paths, paths)
    }
    try Merge.execute(plan, to: folder)
    Console.result(
      "\(folder): \(Amount.count(plan.tensors.count, "tensor")) of "
        + "\(Amount.count(plan.configuration.modelPaths.count, "model")) by \(plan.method.name)")
    if proof { try MergeProving(folder: folder).run(plan) }
  }

  /// Looks for what a merge's parameters should be, makes it, and proves it.
  private func search(_ method: String) throws {
    for word in words where !Files.exists(word) {
      let (path, weight) = Merge.model(word)
      throw weight == nil
        ? Failure(.noInput, "\(word): no such model")
        : Failure(.usage, "\(word): a search finds the weights itself: write \(path)")
    }
    var fixed = try settings.map(Merge.setting)
    if let density { fixed.append(("density", .scalar(density))) }
    var inputs: OrderedDictionary<String, [String]> = ["models": words]
    if let base { inputs["base"] = [base] }
    for (slot, path) in try searching.inputs() { inputs[slot] = [path] }
    let run = try MergeSearchRun(
      settings: searching.settings(method: method, fixed: fixed, dtype: dtype?.rawValue),
      inputs: inputs, output: output ?? "", report: searching.report, seed: seed)
    // A search goes by contents: in what it says and writes models have numbers.
    let names = words.enumerated().map { "model-\($0.offset + 1) is \($0.element)" }
    Console.talk(names.joined(separator: ", ").printable())
    try run.run()
    Console.result(
      "\(run.output): the best found of \(method); how it was found is in \(run.report)")
    if proof { try MergeProving(folder: run.output).run(nil) }
  }

  private static func execute(_ plan: MergePlan, to folder: String) throws {
    var line = StatusLine()
    defer { line.clear() }
    try plan.execute(output: folder) { progress in
      guard Console.isLive else { return }
      line.show(
        " ▶ merge  \(progress.done)/\(progress.total)  \(progress.tensor)", now: .now,
        isUrgent: progress.done == progress.total)
    }
  }

  private func configuration(_ method: String) throws -> MergeConfiguration {
    var values = try settings.map(Merge.setting)
    if let density { values.append(("density", .scalar(density))) }
    return MergeConfiguration(
      method: method, base: base, models: words.map(Merge.model), settings: values,
      elementType: dtype?.elementType, seed: seed)
  }

  /// `MODEL:WEIGHT`, unless a model is called so.
  static func model(_ word: String) -> (path: String, weight: Double?) {
    guard let colon = word.lastIndex(of: ":"), !Files.exists(word),
      let weight = Double(word[word.index(after: colon)...]), weight.isFinite
    else { return (word, nil) }
    return (String(word[..<colon]), weight)
  }

  static func setting(_ text: String) throws -> (name: String, value: ParameterValue) {
    guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
      throw ValidationError("--set wants name=value, found \(text)")
    }
    let name = String(text[..<equals])
    let value = String(text[text.index(after: equals)...])
    switch value {
    case "true": return (name, .scalar(1))
    case "false": return (name, .scalar(0))
    default:
      let number = Double(value).flatMap { $0.isFinite ? $0 : nil }
      return (name, number.map(ParameterValue.scalar) ?? .word(value))
    }
  }
}

/// The types in which weights are written.
enum WeightType: String, ExpressibleByArgument, CaseIterable {
  case float32
  case bfloat16

  var elementType: ElementType { self == .float32 ? .float32 : .bfloat16 }
}
