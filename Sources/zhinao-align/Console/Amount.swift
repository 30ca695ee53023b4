import Glibc

/// Numbers as people read them.
enum Amount {
  /// `210 MiB`: three digits are enough to choose by.
  static func bytes(_ count: Int) -> String {
    var value = Double(count)
    for unit in ["bytes", "KiB", "MiB", "GiB", "TiB"] {
      if value < 999.5 || unit == "TiB" {
        if unit == "bytes" { return "\(count) bytes" }
        return "\(text(value, value < 9.95 ? "%.1f" : "%.0f")) \(unit)"
      }
      value /= 1024
    }
    return "\(count) bytes"
  }

  /// `0.4 s`, `41 s`, `3:12`, `1:02:03`.
  static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e9 else { return "?" }
    if seconds < 59.5 { return "\(text(seconds, seconds < 9.95 ? "%.1f" : "%.0f")) s" }
    let whole = Int(seconds.rounded())
    let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return hours > 0 ? "\(hours):\(two(minutes)):\(two(rest))" : "\(minutes):\(two(rest))"
  }

  /// A measurement in four significant digits; whole numbers whole.
  static func figure(_ value: Double) -> String {
    guard value.isFinite else { return "–" }
    if value == value.rounded(), abs(value) < 1e9 { return grouped(Int(value)) }
    return abs(value) >= 1e4 ? grouped(Int(value.rounded())) : text(value, "%.4g")
  }

  /// `12,345`.
  static func grouped(_ value: Int) -> String {
    let digits = Array("\(value.magnitude)")
    var result = value < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { result += "," }
      result.append(digit)
    }
    return result
  }

  /// `1 stage`, `3 stages`.
  static func count(_ number: Int, _ noun: String) -> String {
    "\(grouped(number)) \(noun)\(number == 1 ? "" : "s")"
  }

  private static func text(_ value: Double, _ format: String) -> String {
    var buffer = [CChar](repeating: 0, count: 64)
    let length = withVaList([value]) { vsnprintf(&buffer, buffer.count, format, $0) }
    let bytes = buffer.prefix(max(0, Int(length))).map { UInt8(bitPattern: $0) }
    return String(decoding: bytes, as: UTF8.self)
  }
}
