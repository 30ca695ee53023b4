import Profiling

/// Ranks whose operations are rows of a profile: what sending, receiving and waiting for each other takes.
public final class MeasuredCommunicator: Communicator {
  private let base: any Communicator

  public init(_ base: any Communicator) { self.base = base }

  public var rank: Int { base.rank }
  public var size: Int { base.size }

  public func reduceTree(_ vector: inout MutableSpan<Float>) throws(CollectiveError) {
    let work = Work(bytes: 4 * Double(vector.count))
    try Profiler.measure(.ranks, work) { () throws(CollectiveError) in
      try base.reduceTree(&vector)
    }
  }

  public func allGatherParts(_ vector: inout MutableSpan<Float>) throws(CollectiveError) {
    let work = Work(bytes: 4 * Double(vector.count))
    try Profiler.measure(.ranks, work) { () throws(CollectiveError) in
      try base.allGatherParts(&vector)
    }
  }

  public func broadcast(_ bytes: inout [UInt8], from root: Int) throws(CollectiveError) {
    try Profiler.measure(.ranks) { () throws(CollectiveError) in
      try base.broadcast(&bytes, from: root)
    }
  }

  public func allGather(_ bytes: [UInt8]) throws(CollectiveError) -> [[UInt8]] {
    try Profiler.measure(.ranks) { () throws(CollectiveError) in try base.allGather(bytes) }
  }

  public func barrier() throws(CollectiveError) {
    try Profiler.measure(.ranks) { () throws(CollectiveError) in try base.barrier() }
  }

  public func maximum(_ value: Int) throws(CollectiveError) -> Int {
    try Profiler.measure(.ranks) { () throws(CollectiveError) in try base.maximum(value) }
  }
}
