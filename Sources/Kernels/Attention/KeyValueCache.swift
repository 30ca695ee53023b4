/// The keys and values of one sequence in one layer, as far as it has been decoded, in pages of 64
/// positions.
///
/// Several continuations of one prompt share its whole pages and copy the last one (`fork`), so a
/// prompt is kept once however many samples it has. Pages are taken as a sequence grows.
public final class KeyValueCache {
  /// Positions in a page.
  public static let pagePositions = PageLayout.positions

  public let heads: Int
  public private(set) var count = 0
  let layout: PageLayout
  private var pages: [FloatBuffer] = []

  /// `width` is heads · dimension, a row of keys.
  public init(width: Int, heads: Int) {
    precondition(heads > 0 && width % heads == 0, "\(width) columns are not \(heads) heads")
    self.heads = heads
    layout = PageLayout(dimension: width / heads)
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
    if count % PageLayout.positions != 0, let last = pages.last {
      let own = FloatBuffer(count: pageCount)
      own.copy(from: last, 0..<pageCount, at: 0)
      copy.pages[pages.count - 1] = own
    }
    return copy
  }

  /// Adds rows [n, width] behind those that are there.
  ///
  /// The last page must be this cache's own: of two caches of one prompt, one is a fork.
  public func append(keys: Matrix, values: Matrix) {
    keys.requireShape(keys.rows, width, "the new keys")
    values.requireShape(keys.rows, width, "the new values")
    for row in 0..<keys.rows {
      let place = count % PageLayout.positions
      if place == 0 { pages.append(FloatBuffer(count: pageCount)) }
      let page = pages[pages.count - 1].writable
      for head in 0..<heads {
        let start = row * width + head * layout.dimension
        let target = page + head * headCount
        layout.putAcross(keys.pointer + start, place, into: target)
        layout.putAlong(values.pointer + start, place, into: target + layout.acrossCount)
      }
      count += 1
    }
  }

  func keys(_ page: Int, _ head: Int) -> UnsafePointer<Float> {
    UnsafePointer(pages[page].pointer + head * headCount)
  }

  func values(_ page: Int, _ head: Int) -> UnsafePointer<Float> {
    keys(page, head) + layout.acrossCount
  }
}
