import Glibc

/// Float32 numbers in memory aligned to a cache line, zeroed when it is made.
///
/// A class, because two views of one buffer must be two views of the same memory. It is the only
/// owner of memory in the learning code: other modules read and write through spans and subscripts.
public final class FloatBuffer {
  public let count: Int
  let pointer: UnsafeMutablePointer<Float>
  private let storage: Storage

  private enum Storage {
    case heap
    /// Zero pages that the system hands out at first touch.
    case pages(Pages)
    /// Somebody else's memory, which must not be written.
    case mapping(owner: AnyObject)
    /// Scratch memory that a kernel has borrowed.
    case borrowed
  }

  /// From here on zero pages of the system are cheaper than clearing memory.
  private static let pagesWorth = 1 << 22

  public init(count: Int) {
    let (size, overflows) = count.multipliedReportingOverflow(by: 4)
    precondition(count >= 0 && !overflows, "a buffer cannot hold \(count) numbers")
    self.count = count
    if size >= FloatBuffer.pagesWorth {
      let pages = Pages(byteCount: size)
      pointer = pages.start.bindMemory(to: Float.self, capacity: count)
      storage = .pages(pages)
    } else {
      let memory = UnsafeMutableRawPointer.allocate(byteCount: max(size, 64), alignment: 64)
      memset(memory, 0, max(size, 64))
      pointer = memory.bindMemory(to: Float.self, capacity: count)
      storage = .heap
    }
  }

  /// Numbers in memory that `owner` keeps, such as a mapped file; they cannot be written.
  ///
  /// The bytes are little-endian float32 and start at a multiple of four.
  public init(mapping owner: AnyObject, bytes: UnsafeRawBufferPointer) {
    precondition(bytes.count % 4 == 0, "\(bytes.count) bytes are no whole number of floats")
    guard let base = bytes.baseAddress else {
      preconditionFailure("a mapping without an address")
    }
    precondition(UInt(bitPattern: base) % 4 == 0, "floats at an address that four does not divide")
    count = bytes.count / 4
    pointer = UnsafeMutableRawPointer(mutating: base).bindMemory(to: Float.self, capacity: count)
    storage = .mapping(owner: owner)
  }

  /// Borrowed memory as a buffer, while it is borrowed.
  init(borrowed pointer: UnsafeMutablePointer<Float>, count: Int) {
    (self.pointer, self.count) = (pointer, count)
    storage = .borrowed
  }

  deinit {
    switch storage {
    case .heap: UnsafeMutableRawPointer(pointer).deallocate()
    case .pages, .mapping, .borrowed: break
    }
  }

  public var isWritable: Bool {
    if case .mapping = storage { return false }
    return true
  }

  /// Where a kernel may write.
  var writable: UnsafeMutablePointer<Float> {
    precondition(isWritable, "mapped numbers cannot be written")
    return pointer
  }

  public subscript(index: Int) -> Float {
    get {
      check(index..<index + 1)
      return pointer[index]
    }
    set {
      check(index..<index + 1)
      writable[index] = newValue
    }
  }

  private func check(_ range: Range<Int>) {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= count,
      "\(range) is not within a buffer of \(count) numbers")
  }
}

extension FloatBuffer {
  /// Reads some of the numbers in place.
  public func withSpan<Result, Failure: Error>(
    _ range: Range<Int>, _ body: (Span<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    check(range)
    let slice = UnsafeBufferPointer(start: pointer + range.lowerBound, count: range.count)
    return try body(slice.span)
  }

  /// Writes some of the numbers in place.
  public func withMutableSpan<Result, Failure: Error>(
    _ range: Range<Int>, _ body: (inout MutableSpan<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    check(range)
    let slice = UnsafeMutableBufferPointer(start: writable + range.lowerBound, count: range.count)
    var span = slice.mutableSpan
    return try body(&span)
  }

  /// Reads all numbers in place.
  public func withSpan<Result, Failure: Error>(
    _ body: (Span<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try withSpan(0..<count, body)
  }

  /// Writes all numbers in place.
  public func withMutableSpan<Result, Failure: Error>(
    _ body: (inout MutableSpan<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try withMutableSpan(0..<count, body)
  }

  /// A copy of some of the numbers.
  public func array(_ range: Range<Int>) -> [Float] {
    check(range)
    return Array(UnsafeBufferPointer(start: pointer + range.lowerBound, count: range.count))
  }

  /// A copy of all numbers.
  public func array() -> [Float] { array(0..<count) }

  /// Copies `values` to the places from `index` on.
  public func copy(from values: [Float], at index: Int = 0) {
    check(index..<index + values.count)
    values.withUnsafeBufferPointer { source in
      guard let base = source.baseAddress else { return }
      (writable + index).update(from: base, count: source.count)
    }
  }

  /// Copies a range of another buffer to the places from `index` on.
  public func copy(from other: FloatBuffer, _ range: Range<Int>, at index: Int) {
    other.check(range)
    check(index..<index + range.count)
    memmove(writable + index, other.pointer + range.lowerBound, range.count * 4)
  }
}
