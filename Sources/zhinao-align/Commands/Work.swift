import ArgumentParser
import Glibc
import Pipeline
import Stages

/// `zhinao-align work`: one stage, in a process that the launcher starts.
struct Work: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Does one stage of a run; started by `run`.", shouldDisplay: false)

  @Argument(help: "What to do, as `run` wrote it.")
  var order: String

  func run() throws {
    let code = Worker.run(orderAt: order, catalogue: stageCatalogue) { body in
      do { try body() } catch { throw Failure.forOrchestrator(error) }
    }
    Glibc.exit(Int32(code.rawValue))
  }
}
