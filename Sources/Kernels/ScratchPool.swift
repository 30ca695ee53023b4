internal import Glibc
import Synchronization

/// Scratch memory that kernels borrow and give back.
///
/// Asking the system for tens of megabytes at every call costs a page fault per 4 KiB, which is as
/// long as some of the kernels. What is borrowed is not zeroed.
final class ScratchPool: Sendable {
  private struct Block {
    let address: UInt
    let byteCount: Int
  }

  /// Blocks that nobody uses, in the order they came back.
  private let free = Mutex<[Block]>([])
  private static let keptBlocks = 16
  /// What is as large as one of the system's large pages lies in such pages.
  private static let largePage = 1 << 21

  deinit {
    free.withLock { blocks in
      for block in blocks { UnsafeMutableRawPointer(bitPattern: block.address)?.deallocate() }
    }
  }

  /// Lends room for `count` floats, aligned to a cache line.
  func borrow<Result>(_ count: Int, _ body: (UnsafeMutablePointer<Float>) -> Result) -> Result {
    let block = take(max(count, 16) * 4)
    defer { giveBack(block) }
    guard let memory = UnsafeMutableRawPointer(bitPattern: block.address) else {
      preconditionFailure("scratch memory at no address")
    }
    return body(memory.bindMemory(to: Float.self, capacity: block.byteCount / 4))
  }

  private func take(_ byteCount: Int) -> Block {
    let found = free.withLock { blocks -> Block? in
      var best: Int?
      for (index, block) in blocks.enumerated() where block.byteCount >= byteCount {
        // A small need must not keep a large block busy.
        guard block.byteCount <= byteCount * 4 + 65_536 else { continue }
        if let current = best, blocks[current].byteCount <= block.byteCount { continue }
        best = index
      }
      return best.map { blocks.remove(at: $0) }
    }
    if let found { return found }
    let rounded = (byteCount + 4095) / 4096 * 4096
    let isLarge = rounded >= ScratchPool.largePage
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: rounded, alignment: isLarge ? ScratchPool.largePage : 64)
    if isLarge { madvise(memory, rounded, Int32(MADV_HUGEPAGE)) }
    return Block(address: UInt(bitPattern: memory), byteCount: rounded)
  }

  private func giveBack(_ block: Block) {
    let dropped = free.withLock { blocks -> Block? in
      blocks.append(block)
      return blocks.count > ScratchPool.keptBlocks ? blocks.removeFirst() : nil
    }
    if let dropped { UnsafeMutableRawPointer(bitPattern: dropped.address)?.deallocate() }
  }
}
