import ArgumentParser
import Foundation

/// Where things lie: the package, and the folder for all that is made once and is no part of the repository.
struct Places {
  let package: String
  let cache: String
  /// The peer's Python environment.
  let environment: String
  /// This program.
  let program: String

  init(cache: String?, environment: String?) throws {
    let variables = ProcessInfo.processInfo.environment
    let home = variables["XDG_CACHE_HOME"] ?? "\(NSHomeDirectory())/.cache"
    self.cache = cache ?? variables["ZHINAO_BENCH_CACHE"] ?? "\(home)/zhinao-bench"
    self.environment =
      environment ?? variables["ZHINAO_BENCH_PYTHON"] ?? "\(self.cache)/python"
    program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    var folder = program
    while folder != "/", !FileManager.default.fileExists(atPath: "\(folder)/peer/install") {
      folder = (folder as NSString).deletingLastPathComponent
    }
    guard folder != "/" else {
      throw ValidationError(
        "\(program) does not lie in the package Benchmarks, whose scripts it runs")
    }
    package = folder
    try FileManager.default.createDirectory(
      atPath: self.cache, withIntermediateDirectories: true)
  }

  var python: String { "\(environment)/bin/python" }
  var repository: String { (package as NSString).deletingLastPathComponent }
  func script(_ name: String) -> String { "\(package)/peer/\(name)" }

  func path(of model: RowModel) -> String {
    switch model {
    case .smol: "\(cache)/smollm2-135m-bfloat16"
    case .nano: "\(repository)/models/nano"
    case .quantized: "\(environment)/smollm2.gguf"
    }
  }
}
