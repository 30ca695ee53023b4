/// The world of one rank: every operation is already done.
public final class SingleProcess: Communicator {
  public var rank: Int { 0 }
  public var size: Int { 1 }

  public init() {}

  public func reduceTree(_ vector: inout MutableSpan<Float>) {}

  public func allGatherParts(_ vector: inout MutableSpan<Float>) {}

  public func broadcast(_ bytes: inout [UInt8], from root: Int) {
    precondition(root == 0, "cannot broadcast from rank \(root) of 1")
  }

  public func allGather(_ bytes: [UInt8]) -> [[UInt8]] { [bytes] }

  public func barrier() {}

  public func maximum(_ value: Int) -> Int { value }
}
