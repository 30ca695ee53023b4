internal import JSON
internal import Profiling

extension Profile {
  /// `{"seconds": 38.2, "activities": [{"path": ["step", "attention"], "calls": 90, "seconds": 1.7, …}]}`, with `gflops`
  /// (10⁹ operations a second) and `gigabytes_per_second` where the work is known.
  var json: JSON {
    ["seconds": .number(seconds), "activities": .array(entries.map(\.json))]
  }
}

extension Profile.Entry {
  fileprivate var json: JSON {
    func rate(_ amount: Double) -> JSON {
      amount > 0 && seconds > 0 ? .number(amount / seconds * 1e-9) : .null
    }
    return [
      "path": .array(path.map { .string($0.rawValue) }), "calls": .integer(calls),
      "seconds": .number(seconds), "gflops": rate(work.operations),
      "gigabytes_per_second": rate(work.bytes),
    ]
  }
}
