/// Watches a text that comes in pieces for the texts that end it.
struct StopText {
  let stops: [String]
  private(set) var text = ""
  /// How many bytes of the text are known not to begin a stop text.
  private var released = 0
  private(set) var isStopped = false

  init(_ stops: [String]) { self.stops = stops.filter { !$0.isEmpty } }

  /// Takes a piece, and answers with what may be shown now: never part of what may be a stop text.
  mutating func push(_ piece: String) -> String {
    guard !isStopped else { return "" }
    text += piece
    let bytes = Array(text.utf8)
    let starts = stops.compactMap { StopText.find(Array($0.utf8), in: bytes, from: released) }
    if let start = starts.min() {
      isStopped = true
      text = String(decoding: bytes[..<start], as: UTF8.self)
      return release(bytes, to: start)
    }
    return release(bytes, to: bytes.count - held(bytes))
  }

  /// What was held back, once nothing more comes.
  mutating func finish() -> String {
    let bytes = Array(text.utf8)
    return release(bytes, to: bytes.count)
  }

  private mutating func release(_ bytes: [UInt8], to end: Int) -> String {
    guard end > released else { return "" }
    defer { released = end }
    return String(decoding: bytes[released..<end], as: UTF8.self)
  }

  /// The length of the longest end of the text that begins a stop text.
  private func held(_ bytes: [UInt8]) -> Int {
    var longest = 0
    for stop in stops.map({ Array($0.utf8) }) {
      let limit = min(stop.count - 1, bytes.count - released)
      guard limit > longest else { continue }
      for length in stride(from: limit, to: longest, by: -1)
      where bytes.suffix(length).elementsEqual(stop.prefix(length)) {
        longest = length
        break
      }
    }
    return longest
  }

  private static func find(_ wanted: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
    guard bytes.count >= wanted.count, start <= bytes.count - wanted.count else { return nil }
    return (start...bytes.count - wanted.count).first {
      bytes[$0..<$0 + wanted.count].elementsEqual(wanted)
    }
  }
}
