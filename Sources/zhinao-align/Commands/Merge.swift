import ArgumentParser
import Artifacts
import Checkpoints
import Merging
import Pipeline

/// `zhinao-align merge`.
struct Merge: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Merges models, as mergekit's YAML says or as the options say.",
    usage: """
      zhinao-align merge CONFIG.yml OUT
      zhinao-align merge --method ties --base BASE --output OUT MODEL[:WEIGHT] MODEL[:WEIGHT] …
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

  func validate() throws {
    if method == nil {
      let options = [
        ("--base", base != nil), ("--output", output != nil), ("--density", density != nil),
        ("--set", !settings.isEmpty), ("--dtype", dtype != nil),
      ]
      if let option = options.first(where: \.1) {
        throw ValidationError("\(option.0) goes with --method; CONFIG.yml says such things itself")
      }
      guard words.count == 2 else {
        throw ValidationError(
          "merge takes CONFIG.yml and OUT, or --method, --output and models; found "
            + Amount.count(words.count, "argument"))
      }
    } else {
      guard output != nil else { throw ValidationError("--output is missing: the folder to make") }
      guard !words.isEmpty else { throw ValidationError("there are no models to merge") }
    }
  }

  func run() throws {
    let plan: MergePlan
    let folder: String
    if let method {
      folder = output ?? ""
      plan = try MergePlan(try configuration(method))
    } else {
      folder = words[1]
      plan = try MergeFile(path: words[0]).plan()
    }
    for note in plan.notes { Console.talk("\(Paint.yellow("note:")) \(note.printable())") }
    var line = StatusLine()
    defer { line.clear() }
    try plan.execute(output: folder) { progress in
      guard Console.isLive else { return }
      line.show(
        " ▶ merge  \(progress.done)/\(progress.total)  \(progress.tensor)", now: .now,
        isUrgent: progress.done == progress.total)
    }
    line.clear()
    Console.result(
      "\(folder): \(Amount.count(plan.tensors.count, "tensor")) of "
        + "\(Amount.count(plan.configuration.modelPaths.count, "model")) by \(plan.method.name)")
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

  private static func setting(_ text: String) throws -> (name: String, value: ParameterValue) {
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

/// A mergekit configuration on disk.
struct MergeFile {
  let path: String

  /// Models are looked for from here, as mergekit does; where one is not, from the file's folder.
  func plan() throws -> MergePlan {
    let bytes = try Files.read(path, limit: 1 << 20)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Failure(.badInput, "\(path):1:1: error: the configuration is not text in UTF-8")
    }
    let configuration = try MergeConfiguration(yaml: text, file: path)
    let folder = Files.directory(of: path)
    let relative = configuration.modelPaths.filter { !$0.hasPrefix("/") }
    let areBeside = relative.contains { !Files.exists($0) && Files.exists("\(folder)/\($0)") }
    return try MergePlan(configuration, relativeTo: areBeside ? folder : ".", file: path)
  }
}

/// The types in which weights are written.
enum WeightType: String, ExpressibleByArgument, CaseIterable {
  case float32
  case bfloat16

  var elementType: ElementType { self == .float32 ? .float32 : .bfloat16 }
}
