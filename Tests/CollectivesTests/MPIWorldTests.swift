import Foundation
import Testing

@testable import Collectives
@testable import collectives_check

/// Each test launches `collectives-check` under mpirun.
///
/// One at a time: the ranks share the machine's cores.
@Suite(.serialized) struct MPIWorldTests {
  @Test(arguments: [1, 2, 3, 4])
  func anyNumberOfRanksGivesTheBitsOfOneProcess(size: Int) throws {
    let lines = try launch(size: size)
    let sums = lines.filter { $0.hasPrefix("sum ") }
    let cases = (0...17).map { ($0, 101) } + [(5, (1 << 21) + 12_347), (3, 2)]
    #expect(sums == cases.map { "sum \($0.0) \($0.1) \(expected(leaves: $0.0, length: $0.1))" })
    let zeros = [Float](repeating: -0.0, count: 5)
    #expect(lines.contains("negative zeros \(CheckedLeaf.digest(zeros))"))
    #expect(lines.contains("maximum 75"))
    #expect(lines.contains("broadcast from the root"))
    #expect(lines.contains("long broadcast true"))
    #expect(lines.contains("gathered \((0..<size).map { 1300 * $0 })"))
    #expect(lines.contains("doubles \((0..<size).map { [Double($0) / 3, -0.0] })"))
    #expect(lines.contains("joined once"))
    #expect(lines.last == "left")
  }

  /// The tree written as its definition, over all the leaves.
  private func expected(leaves count: Int, length: Int) -> String {
    guard count > 0 else {
      return CheckedLeaf.digest([Float](repeating: -0.0, count: length))
    }
    return CheckedLeaf.digest(sum(0..<count, length: length))
  }

  private func sum(_ leaves: Range<Int>, length: Int) -> [Float] {
    guard leaves.count > 1 else {
      return CheckedLeaf.elements(leaf: leaves.lowerBound, length: length)
    }
    let middle = (leaves.lowerBound + leaves.upperBound + 1) / 2
    return zip(
      sum(leaves.lowerBound..<middle, length: length),
      sum(middle..<leaves.upperBound, length: length)
    ).map { $0 + $1 }
  }

  private func launch(size: Int) throws -> [String] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    let check = Bundle.module.bundleURL.deletingLastPathComponent()
      .appendingPathComponent("collectives-check")
    process.arguments = [
      "mpirun", "--allow-run-as-root", "--oversubscribe", "-n", "\(size)", check.path,
    ]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  }
}
