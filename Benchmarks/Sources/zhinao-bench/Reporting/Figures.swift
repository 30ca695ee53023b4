import Foundation

/// A number with three significant digits.
func rounded(_ value: Double) -> String {
  guard value.isFinite, value != 0 else { return "0" }
  let digits = max(0, 2 - Int(log10(abs(value)).rounded(.down)))
  return String(format: "%.\(digits)f", value)
}

func percent(_ share: Double) -> String { String(format: "%.0f %%", share * 100) }

/// Seconds, or milliseconds where there are few.
func time(_ seconds: Double) -> String {
  seconds < 0.1 ? "\(rounded(seconds * 1000)) ms" : "\(rounded(seconds)) s"
}

/// Bytes in GB of 10⁹, or MB where there are few.
func size(_ bytes: Int) -> String {
  bytes < 1_000_000_000
    ? "\(rounded(Double(bytes) / 1e6)) MB" : "\(rounded(Double(bytes) / 1e9)) GB"
}
