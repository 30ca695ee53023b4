import Artifacts
import JSON
import Merging
import OrderedCollections
public import Pipeline

/// Looks for the parameters of a merge whose result scores best, and compares it with its parents on rows that the search did not see.
public enum MergeSearchStage: Stage {
  public typealias Settings = Joined<EvaluateStage.Settings, MergeSearchOptions>

  public static let kind = "merge-search"
  // 2: of losses the least is the best in the verdict too.
  // 3: numbers side by side are not one in a final answer.
  public static let revision = 3
  /// `evaluate`'s data, to search by, and once more under `heldout_…`, to compare by.
  public static var inputs: [InputSlot] {
    let own = [
      InputSlot("models", .model, arity: .list), InputSlot("base", .model, arity: .optional),
    ]
    let measured = EvaluateStage.inputs.filter { $0.name != "models" }
    let heldOut = measured.filter { !judges.contains($0.name) }.map { slot in
      var slot = slot
      slot.name = "heldout_" + slot.name
      return slot
    }
    return own + measured + heldOut
  }
  public static let outputs = [OutputSlot("model", .model), OutputSlot("report", .report)]
  public static let nonSemantic = SamplingSettings.nonSemantic
  public static let keyedOnlyIfSet = SamplingSettings.keyedOnlyIfSet
  private static let judges = ["baseline", "reward"]

  public static func validate(_ settings: Settings) -> [SettingProblem] {
    EvaluateStage.validate(settings.base) + settings.own.problems()
  }

  public static func run(_ settings: Settings, _ context: StageContext) throws {
    guard context.inputs("models").count > 1 else {
      throw BadInput("there is nothing to search among: `models` needs two or more")
    }
    var search = try MergeSearch(settings, context, inputs: data(context, prefix: ""))
    try search.scoreParents()
    try search.explore()
    let winner = try search.winner()
    let output = try context.output("model")
    try search.merge(winner, to: output)
    let heldOut = data(context, prefix: "heldout_")
    let isHeldOut = heldOut.keys.contains { !judges.contains($0) }
    let report = try MergeSearchReport(
      search, winner: winner,
      comparison: compare(
        search, output, settings, context, isHeldOut ? heldOut : data(context, prefix: "")),
      isHeldOut: isHeldOut)
    try report.write(to: context.output("report"))
    context.report(.summary(report.summary))
    context.report(.note(report.verdict))
  }

  /// The inputs of an evaluation under its own names.
  private static func data(
    _ context: StageContext, prefix: String
  ) -> OrderedDictionary<String, [String]> {
    var inputs: OrderedDictionary<String, [String]> = [:]
    for slot in EvaluateStage.inputs where slot.name != "models" {
      let paths = context.inputs((judges.contains(slot.name) ? "" : prefix) + slot.name)
      if !paths.isEmpty { inputs[slot.name] = paths }
    }
    return inputs
  }

  /// The parents and the winner on rows that the search did not see.
  private static func compare(
    _ search: MergeSearch, _ output: String, _ settings: Settings, _ context: StageContext,
    _ inputs: OrderedDictionary<String, [String]>
  ) throws -> MergeSearchReport.Comparison {
    let folder = "\(context.work)/comparison"
    let names = search.parentNames + ["merged"]
    let figures = try CandidateScores(settings: settings.base, context: context, inputs: inputs)
      .figures(of: context.inputs("models") + [output], names: names, report: folder)
    return MergeSearchReport.Comparison(
      names: names, figures: figures,
      markdown: String(decoding: try Files.read("\(folder)/report.md"), as: UTF8.self),
      json: try JSON(parsing: Files.read("\(folder)/report.json")))
  }
}
