import ArgumentParser
import Foundation
import Kernels
import Profiling

/// One piece of work in this process, and a line of JSON about it.
struct WorkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "work", abstract: "Does one piece of work in this process.")

  @Argument(help: "The work.")
  var kind: WorkKind

  @OptionGroup
  var options: WorkOptions

  func run() throws {
    var workload = try kind.make(options)
    let repeating = Repeating(
      warmup: options.warmup, count: options.reps, quietSeconds: options.quiet,
      companions: Double((options.ranks - 1) * options.threads))
    var steps = 0
    let repetitions = try repeating.measure { index in
      // Steps before the first repetition ask the system for memory; those that are measured have it.
      if options.profile, index == options.warmup { Profiler.begin() }
      steps += 1
      return try workload.step(index)
    }
    let profile = Profiler.end()
    let isFirst = workload.isFirst
    try workload.close()
    guard isFirst else { return }
    let report = WorkReport(
      work: kind.rawValue, precision: options.precision.rawValue, repetitions: repetitions,
      parts: workload.parts.mapValues { $0 / Double(steps) },
      versions: ["kernels": Compute.kernelClass(bfloat16: true)])
    if let profile {
      FileHandle.standardError.write(Data(profile.markdown(steps: steps - options.warmup).utf8))
    }
    print(try report.line)
  }
}
