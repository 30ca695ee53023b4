import ArgumentParser

/// Which model an adapter belongs to.
struct BaseOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "An adapter's base. [default: what the adapter or its workspace names]", valueName: "model"))
  var base: String?
}
