import Testing

@testable import zhinao_align

@Suite struct HelpTests {
  @Test(arguments: [
    "run", "check", "show-batch", "merge", "extract-lora", "generate", "score", "import",
    "artifacts",
  ])
  func helpSaysWhatItSaid(_ command: String) throws {
    let outcome = try Executable.run(command, "--help")
    #expect(outcome.code == 0)
    try Snapshot.check(outcome.output, "help-\(command).txt")
  }

  @Test func helpListsWhatPeopleType() throws {
    let outcome = try Executable.run("--help")
    #expect(outcome.code == 0)
    for name in Align.names {
      #expect(outcome.output.contains("\n  \(name) ") == (name != "work"))
    }
    try Snapshot.check(outcome.output, "help.txt")
  }

  @Test func withoutACommandThereIsHelp() throws {
    let outcome = try Executable.run()
    #expect(outcome.output.contains("SUBCOMMANDS"))
  }
}
