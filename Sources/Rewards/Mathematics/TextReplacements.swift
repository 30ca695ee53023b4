/// A list of texts that are each replaced wherever they stand, one after the other.
///
/// Compares bytes: `String.replacing` prepares a search for every text, and most of these are not there.
struct TextReplacements: Sendable {
  private let pairs: [(mark: [UInt8], plain: [UInt8])]

  init(_ pairs: [(String, String)]) {
    self.pairs = pairs.map { (Array($0.0.utf8), Array($0.1.utf8)) }
  }

  func replace(in text: inout String) {
    var bytes = Array(text.utf8)
    for (mark, plain) in pairs {
      var start = 0
      while let place = Self.place(of: mark, in: bytes, from: start) {
        bytes.replaceSubrange(place..<place + mark.count, with: plain)
        start = place + plain.count
      }
    }
    text = String(decoding: bytes, as: UTF8.self)
  }

  private static func place(of mark: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
    var index = start
    while index + mark.count <= bytes.count {
      if bytes[index] == mark[0], bytes[index...].starts(with: mark) { return index }
      index += 1
    }
    return nil
  }
}
