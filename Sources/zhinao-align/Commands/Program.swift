import ArgumentParser
import Glibc
import Pipeline
import Suggestions

/// The program: parses, runs, and ends with the documented exit code.
@main
enum Program {
  static func main() async {
    let arguments = Array(CommandLine.arguments.dropFirst())
    suggestCommand(for: arguments)
    var command: any ParsableCommand
    do { command = try Align.parseAsRoot(arguments) } catch { Align.exit(withError: error) }
    do {
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch {
      // Help is a command of the parser's own, and ends with an error of its own.
      let ours = Align.configuration.subcommands + Artifacts.configuration.subcommands
      if !ours.contains(where: { $0 == type(of: command) }) { Align.exit(withError: error) }
      end(with: error)
    }
  }

  private static func end(with error: any Error) -> Never {
    if error is ValidationError || error is CleanExit || error is ArgumentParser.ExitCode {
      Align.exit(withError: error)
    }
    let failure = Failure(error)
    if !failure.message.isEmpty {
      let text = failure.message.printable(keepingLines: true)
      let isLocated = text.contains(": error: ")
      Console.talk(isLocated ? text : "\(Paint.red("error:")) \(text)")
    }
    if failure.code == .defect {
      Console.talk("this is a defect of zhinao-align, not of your input")
    }
    exit(Int32(failure.code.rawValue))
  }

  /// Answers a mistyped command with the one that was probably meant.
  private static func suggestCommand(for arguments: [String]) {
    var kind = "command"
    var words = arguments[...]
    var names = Align.names
    if words.first == "artifacts" {
      kind = "command of artifacts"
      words = words.dropFirst()
      names = Artifacts.names
    }
    guard let typed = words.first, !typed.hasPrefix("-"), typed != "help", !names.contains(typed)
    else { return }
    Console.talk("error: there is no \(kind) `\(typed)`\(didYouMean(typed, among: names))")
    Console.talk("commands: \(names.filter { $0 != "work" }.joined(separator: ", "))")
    exit(Int32(Pipeline.ExitCode.usage.rawValue))
  }
}

/// All commands.
struct Align: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "zhinao-align",
    abstract: "Aligns base language models on CPUs, from one recipe.",
    discussion: """
      Running the same command again goes on where it ended: finished stages are reused, an \
      interrupted one resumes.

      Exit codes: 0 done, 64 wrong command line, 65 wrong input (file and line are named), 66 an \
      input does not exist, 70 a defect, 75 run the same command again to go on, 76 a gate of the \
      recipe stopped the run.
      """,
    version: "0.1.0",
    subcommands: [
      Run.self, Check.self, ShowBatch.self, Merge.self, ExtractLora.self, Generate.self, Score.self,
      Import.self,
      Artifacts.self,
      Work.self,
    ])

  static var names: [String] { configuration.subcommands.map { $0._commandName } }
}
