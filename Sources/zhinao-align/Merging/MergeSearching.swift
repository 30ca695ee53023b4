import ArgumentParser

/// Looking for a merge's parameters instead of being told them: the stage `merge-search` on the command line.
struct MergeSearching: ParsableArguments {
  @Flag(
    help: "With --method: looks for the parameters whose result scores best, and makes that one.")
  var search = false

  @Option(
    name: .customLong("on"), parsing: .singleValue,
    help: ArgumentHelp(
      """
      With --search: data that candidates are scored on, by its name in the stage evaluate: \
      problems=FILE, gsm8k=FILE; also reward=MODEL, baseline=MODEL. May be given again.
      """, valueName: "name=path"))
  var data: [String] = []

  @Option(
    name: .customLong("held-out"), parsing: .singleValue,
    help: ArgumentHelp(
      "With --search: data on which the winner is compared with its parents. May be given again.",
      valueName: "name=path"))
  var heldOut: [String] = []

  @Option(
    name: .customLong("tune"), parsing: .singleValue,
    help: ArgumentHelp(
      """
      With --search: a parameter to look for, and between which bounds. May be given again. \
      [default: weight, density, lambda, t, as far as the method has them]
      """, valueName: "name[=from:to]"))
  var tuned: [String] = []

  @Option(
    help: ArgumentHelp("With --search: how many merges are tried at most.", valueName: "count"))
  var budget: Int?

  @Option(help: ArgumentHelp("With --search: when to stop trying.", valueName: "minutes"))
  var minutes: Double?

  @Option(
    name: .customLong("with"), parsing: .singleValue,
    help: ArgumentHelp(
      "With --search: any other setting of merge-search: strategy=random. May be given again.",
      valueName: "setting=value"))
  var others: [String] = []

  @Option(
    help: ArgumentHelp(
      "With --search: the folder for what was found. [default: OUT.report]", valueName: "folder"))
  var report: String?

  /// What makes no sense together with the rest of the command line.
  func validateTogether(method: String?, models: Int, isLooking: Bool) throws {
    guard search else {
      let options = [
        ("--on", !data.isEmpty), ("--held-out", !heldOut.isEmpty), ("--tune", !tuned.isEmpty),
        ("--budget", budget != nil), ("--minutes", minutes != nil), ("--with", !others.isEmpty),
        ("--report", report != nil),
      ]
      if let option = options.first(where: \.1) {
        throw ValidationError("\(option.0) goes with --search")
      }
      return
    }
    guard method != nil else {
      throw ValidationError("--search goes with --method, whose parameters it looks for")
    }
    guard !isLooking else {
      throw ValidationError("--search makes a merge; --plan and --inspect only look at one")
    }
    guard models > 1 else {
      throw ValidationError(
        "a search needs two models or more, found \(Amount.count(models, "model"))")
    }
    guard !data.isEmpty else {
      throw ValidationError(
        "--search has nothing to score by: give data with --on, such as --on problems=FILE")
    }
  }
}
