import ArgumentParser

/// What the library does in a given time and memory, beside what a user would pick instead.
@main
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "zhinao-bench",
    abstract: "Measures the library against the machine and against PyTorch, TRL and PEFT.",
    subcommands: [CompareCommand.self, WorkCommand.self, KernelsCommand.self, RowsCommand.self],
    defaultSubcommand: CompareCommand.self)
}
