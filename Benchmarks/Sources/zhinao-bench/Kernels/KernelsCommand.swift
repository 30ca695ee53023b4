import ArgumentParser
import Foundation
import Kernels

/// The kernels beside what the machine can do.
struct KernelsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kernels",
    abstract: "Measures kernels as a share of the best product and of a plain copy.")

  @Option(help: "The most threads; one thread is measured as well.")
  var threads = 2

  @Flag(help: "Prints a line of JSON instead of a table.")
  var json = false

  @Option(help: "Seconds to wait for a quiet machine before each kernel.")
  var quiet = 3.0

  @Flag(help: "Gives shares on a busy machine as well, and does not wait.")
  var anyway = false

  func run() throws {
    let quiet = anyway ? 0 : quiet
    let counts = threads > 1 ? [1, threads] : [1]
    let figures = counts.flatMap { threads in
      Precision.allCases.flatMap {
        ProductKernels(precision: $0, threads: threads, quiet: quiet).figures()
      }
        + MemoryKernels(threads: threads, quiet: quiet).figures()
        + DecodingProducts(threads: threads, quiet: quiet).figures()
    }
    let report = KernelReport(
      figures: figures, kernels: Compute.kernelClass(bfloat16: true), anyway: anyway)
    if json {
      print(String(decoding: try JSONEncoder().encode(report), as: UTF8.self))
    } else {
      print(report.table)
      print(report.kernels)
    }
  }
}
