import Artifacts
import Pipeline

/// Why a run ended, where to read more, and how to go on.
struct RunFailure {
  let failure: Failure

  init(_ error: any Error, store: ArtifactStore, recipe: String) {
    var failure = Failure(error)
    if let stage = RunFailure.stage(of: error), !failure.message.contains("log.txt"),
      let log = RunFailure.log(of: stage, store, recipe)
    {
      failure.message += "\nits log is \(log)"
    }
    switch failure.code {
    case .unfinished: failure.message += "\ngo on with: \(RunFailure.commandLine)"
    case .badInput, .noInput, .gate:
      failure.message += "\nafter the change, go on with: \(RunFailure.commandLine)"
    case .done, .usage, .defect: break
    }
    self.failure = failure
  }

  private static func stage(of error: any Error) -> String? {
    guard let error = error as? PipelineError else { return nil }
    switch error {
    case .stageFailed(let stage, _, _, _, _): return stage
    default: return nil
    }
  }

  /// The log of a stage's last attempt, if anything was written to it.
  private static func log(of stage: String, _ store: ArtifactStore, _ recipe: String) -> String? {
    guard let key = store.lastKey(recipe: recipe, stage: stage) else { return nil }
    let path = "\(store.work(RunRecord.fingerprint(ofKey: key)))/log.txt"
    guard let size = try? Files.status(path)?.size, size > 0 else { return nil }
    return path
  }

  /// This process's command, as a shell takes it.
  static var commandLine: String { CommandLine.arguments.map(quoted).joined(separator: " ") }

  static func quoted(_ word: String) -> String {
    let isPlain = word.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."),
        UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "="), UInt8(ascii: ":"),
        UInt8(ascii: ","), UInt8(ascii: "+"), UInt8(ascii: "@"), UInt8(ascii: "%"):
        true
      default: byte >= 0x80
      }
    }
    return isPlain && !word.isEmpty ? word : "'" + word.replacing("'", with: #"'\''"#) + "'"
  }
}
