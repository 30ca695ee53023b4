/// The keys and values of one sequence in one layer, as far as it has been decoded, in pages of 16
/// positions.
///
/// Several continuations of one prompt share its whole pages and copy the last one (`fork`), so a
/// prompt is kept once however many samples it has. Pages are taken as a sequence grows.
public final class KeyValueCache {
  /// Positions in a page: a panel of keys.
  public static let pagePositions = 16

  public let heads: Int
  public private(set) var count = 0
  /// Of a page of one head: its keys across, then its values along.
  let layout: KeyValueLayout
  private var pages: [FloatBuffer] = []

  /// `width` is heads · dimension, a row of keys.
  public init(width: Int, heads: Int) {
    precondition(heads > 0 && width % heads == 0, "\(width) columns are not \(heads) heads")
    self.heads = heads
    layout = KeyValueLayout(dimension: width / heads, positions: KeyValueCache.pagePositions)
  }

  public var width: Int { heads * layout.dimension }

  /// The bytes of the pages, those that are shared among them.
  public var byteCount: Int { pages.count * pageCount * 4 }

  private var pageCount: Int { heads * headCount }
  private var headCount: Int { layout.acrossCount + layout.alongCount }

  /// The bytes of one page.
  public static func pageBytes(width: Int, heads: Int) -> Int {
    KeyValueCache(width: width, heads: heads).pageCount * 4
  }

  /// A cache that goes on from here by itself.
  public func fork() -> KeyValueCache {
    let copy = KeyValueCache(width: width, heads: heads)
    copy.count = count
    copy.pages = pages
    if count % layout.positions != 0, let last = pages.last {
      let own = FloatBuffer(count: pageCount)
      own.copy(from: last, 0..<pageCount, at: 0)
      copy.pages[pages.count - 1] = own
    }
    return copy
  }

  /// Makes room for rows behind those that are there; returns the first one's position.
  ///
  /// The last page must be this cache's own: of two caches of one prompt, one is a fork.
  func grow(by rows: Int) -> Int {
    let first = count
    count += rows
    while pages.count * layout.positions < count { pages.append(FloatBuffer(count: pageCount)) }
    return first
  }

  /// Puts a head's key and value at a position for which there is room.
  func put(
    _ position: Int, _ head: Int, key: UnsafePointer<Float>, value: UnsafePointer<Float>
  ) {
    let page = pages[position / layout.positions].writable + head * headCount
    layout.putAcross(key, position % layout.positions, into: page)
    layout.putAlong(value, position % layout.positions, into: page + layout.acrossCount)
  }

  /// A page's keys, across.
  func keys(_ page: Int, _ head: Int) -> UnsafePointer<Float> {
    UnsafePointer(pages[page].pointer + head * headCount)
  }

  /// Puts the values of a chunk of attention, as far as there are any, one behind the other in `room`.
  func gatherValues(_ chunk: Int, _ head: Int, into room: UnsafeMutablePointer<Float>) {
    let perChunk = KeyValueLayout.chunk / layout.positions
    let count = 16 * layout.positions
    for page in chunk * perChunk..<min((chunk + 1) * perChunk, pages.count) {
      let source = keys(page, head) + layout.acrossCount
      let target = room + (page % perChunk) * count
      for panel in 0..<layout.paddedDimension / 16 {
        (target + panel * perChunk * count).update(from: source + panel * count, count: count)
      }
    }
  }
}
