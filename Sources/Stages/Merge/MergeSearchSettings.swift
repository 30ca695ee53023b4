public import Merging
public import Pipeline

/// What `merge-search` adds to how candidates are evaluated.
public struct MergeSearchOptions: StageSettings, AdjustsDefaults {
  public var mergeMethod = "task_arithmetic"
  /// The parameters that are tuned; nil takes those of weight, density, lambda and t that the method has.
  public var search: [String]?
  /// By parameter, from where to where: `{weight: [0, 1.5]}`.
  public var ranges: [String: [Double]] = [:]
  /// Settings of the method that stay as they are.
  public var parameters: [String: Double] = [:]
  /// Above 1, that many values of each parameter, spread over the layers with straight lines between.
  public var layerGroups = 1
  public var strategy = SearchStrategies.cmaES
  /// How many candidates are tried at most, the parents not counted.
  public var budget = 32
  /// When to stop before; what has been tried by then depends on the machine.
  public var minutes: Double?
  /// Which figures of the evaluation count; nil takes accuracy and win_rate, where they are measured.
  public var scores: [String]?
  public var combine = ScoreRule.mean
  /// The type of the result's numbers; nil keeps each tensor's own.
  public var dtype: MergeSettings.NumberType?

  public init() {}

  /// Candidates are compared by one greedy answer to each problem.
  public static func adjust(_ base: inout EvaluateStage.Settings) {
    base.numGenerations = 1
    base.temperature = 0
    base.topP = 1
  }

  /// The parameters with their bounds.
  var bounds: [(name: String, range: ClosedRange<Double>)] {
    let standard = SearchSpace.standardRanges
    let names = search ?? standard.map(\.name)
    return names.map { name in
      if let own = ranges[name], own.count == 2, own[0] <= own[1] { return (name, own[0]...own[1]) }
      return (name, standard.first { $0.name == name }?.range ?? 0...1)
    }
  }

  func problems() -> [SettingProblem] {
    var problems: [SettingProblem] = []
    guard let method = MergeMethods.named(mergeMethod) else {
      var plain = MergeSettings()
      plain.mergeMethod = mergeMethod
      return plain.problems()
    }
    let known = method.parameters.map(\.name)
    for name in (search ?? []) + ranges.keys.sorted() + parameters.keys.sorted()
    where !known.contains(name) {
      problems.append(
        SettingProblem(
          search?.contains(name) == true ? "search" : ranges[name] != nil ? "ranges" : "parameters",
          "`\(mergeMethod)` has no parameter `\(name)`; it has \(known.joined(separator: ", "))"))
    }
    for (name, range) in ranges.sorted(by: { $0.key < $1.key })
    where range.count != 2 || !range.allSatisfy(\.isFinite) || range[0] > range[1] {
      problems.append(
        SettingProblem("ranges.\(name)", "a range is [from, to], and from is not above to"))
    }
    if !(1...100_000).contains(budget) {
      problems.append(
        SettingProblem("budget", "budget is \(budget), where 1 or more would be right"))
    }
    if !(1...64).contains(layerGroups) {
      problems.append(
        SettingProblem(
          "layer_groups", "layer_groups is \(layerGroups), where 1 to 64 would be right"))
    }
    if let minutes, !(minutes > 0 && minutes < 1e6) {
      problems.append(
        SettingProblem("minutes", "minutes is \(minutes), where a number above 0 would be right"))
    }
    if scores?.isEmpty == true {
      problems.append(SettingProblem("scores", "scores is an empty list: nothing would count"))
    }
    return problems
  }
}
