import Collectives

/// Prints what the operations of `Collectives` give on the ranks it is launched with.
///
/// The tests launch it under `mpirun` and compare its lines with a plain sum, since a process that
/// joins MPI and spawns others (a test runner) hangs.
@main
struct CollectivesCheck {
  static func main() throws {
    // So short a limit that messages go in many pieces.
    let world = try MPIWorld.join(messageLimit: 1000)
    var lines = try (0...17).map { try sum(leaves: $0, length: 101, world) }
    lines.append(try sum(leaves: 5, length: (1 << 21) + 12_347, world))
    lines.append(try sum(leaves: 3, length: 2, world))
    lines.append(try sumOfNegativeZeros(world))
    lines += try messages(world)
    lines += try refusals(world)
    if world.rank == 0 { print(lines.joined(separator: "\n")) }
    try world.leave()
    do {
      try world.barrier()
    } catch .left {
      if world.rank == 0 { print("left") }
    }
  }

  /// The digest of the whole sum, the same on every rank.
  static func sum(leaves count: Int, length: Int, _ world: MPIWorld) throws -> String {
    let range = SummationTree.leafRange(count: count, rank: world.rank, size: world.size)
    var accumulator = TreeAccumulator<[Float]>(leaves: range)
    for leaf in range { try accumulator.append(CheckedLeaf.elements(leaf: leaf, length: length)) }
    var vector = accumulator.finish() ?? [Float](repeating: SummationTree.absent, count: length)
    return "sum \(count) \(length) \(try reduce(&vector, world))"
  }

  static func sumOfNegativeZeros(_ world: MPIWorld) throws -> String {
    var vector = [Float](repeating: SummationTree.absent, count: 5)
    return "negative zeros \(try reduce(&vector, world))"
  }

  static func reduce(_ vector: inout [Float], _ world: MPIWorld) throws -> String {
    var span = vector.mutableSpan
    try world.allReduceTree(&span)
    let digest = CheckedLeaf.digest(vector)
    let digests = try world.allGather(Array(digest.utf8))
    return digests.allSatisfy { $0 == Array(digest.utf8) } ? digest : "differs between ranks"
  }

  static func messages(_ world: MPIWorld) throws -> [String] {
    try world.barrier()
    let largest = try world.maximum(world.rank == world.size - 1 ? 75 : 0)
    var bytes = world.rank == 0 ? [UInt8]("from the root".utf8) : [1, 2]
    try world.broadcast(&bytes, from: 0)
    var long = [UInt8](repeating: UInt8(world.rank), count: 3500)
    try world.broadcast(&long, from: world.size - 1)
    let gathered = try world.allGather([UInt8](repeating: 7, count: 1300 * world.rank))
    let doubles = try world.allGather(doubles: [Double(world.rank) / 3, -0.0])
    return [
      "maximum \(largest)",
      "broadcast \(String(decoding: bytes, as: UTF8.self))",
      "long broadcast \(long.allSatisfy { $0 == UInt8(world.size - 1) })",
      "gathered \(gathered.map(\.count))",
      "doubles \(doubles)",
    ]
  }

  static func refusals(_ world: MPIWorld) throws -> [String] {
    do {
      _ = try MPIWorld.join()
      return ["joined twice"]
    } catch .joinedBefore {
      return ["joined once"]
    }
  }
}
