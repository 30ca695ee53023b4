public import Kernels

/// Scratch memory that is handed out one piece behind the other and taken back all at once.
///
/// A pass through the network needs the same hundreds of matrices at every step; asking the system
/// for them each time would cost more than some of the layers (a page fault per 4 KiB).
/// What is handed out is not zeroed.
public final class Arena {
  /// Where the next matrix will be; matrices handed out after a mark are given up by returning to it.
  public struct Mark {
    fileprivate let chunk: Int
    fileprivate let used: Int
    fileprivate let buffer: Int
  }

  /// 256 MiB of addresses: memory is taken as it is used, and what a matrix leaves at a chunk's end is not worth
  /// planning with.
  private static let chunkSize = 1 << 26

  private var chunks: [FloatBuffer] = []
  private var chunk = 0
  private var used = 0
  private var buffers: [FloatBuffer] = []
  private var buffer = 0

  public init() {}

  public var mark: Mark { Mark(chunk: chunk, used: used, buffer: buffer) }

  public func reset(to mark: Mark) {
    chunk = mark.chunk
    used = mark.used
    buffer = mark.buffer
  }

  public func reset() { reset(to: Mark(chunk: 0, used: 0, buffer: 0)) }

  /// A matrix with unspecified contents.
  public func matrix(rows: Int, columns: Int) -> Matrix {
    let count = rows * columns
    while chunk < chunks.count, used + count > chunks[chunk].count {
      chunk += 1
      used = 0
    }
    if chunk == chunks.count {
      chunks.append(FloatBuffer(count: max(count, Arena.chunkSize)))
      used = 0
    }
    defer { used = (used + count + 15) / 16 * 16 }
    return Matrix(chunks[chunk], offset: used, rows: rows, columns: columns)
  }

  /// A number per row or per row and head, at least `count` of them, with unspecified contents.
  public func buffer(count: Int) -> FloatBuffer {
    if buffer == buffers.count {
      buffers.append(FloatBuffer(count: count))
    } else if buffers[buffer].count < count {
      buffers[buffer] = FloatBuffer(count: count)
    }
    defer { buffer += 1 }
    return buffers[buffer]
  }

  /// Gives the memory back; nothing that was handed out is good any more.
  public func release() {
    reset()
    chunks = []
    buffers = []
  }

  /// The bytes held, used or not.
  public var byteCount: Int {
    (chunks.reduce(0) { $0 + $1.count } + buffers.reduce(0) { $0 + $1.count }) * 4
  }
}
