internal import JSON
internal import OrderedCollections

/// One metric over the steps of a stage.
struct Curve: Equatable {
  struct Point: Equatable {
    var step: Int
    var value: Double
  }

  var name: String
  var points: [Point] = []

  /// At most about `limit` points that look the same: the least and the greatest of each stretch.
  func thinned(to limit: Int) -> [Point] {
    guard points.count > limit, limit >= 4 else { return points }
    let stretches = limit / 2
    return (0..<stretches).flatMap { stretch -> [Point] in
      let range = points.count * stretch / stretches..<points.count * (stretch + 1) / stretches
      let indices = Array(range)
      guard let least = indices.min(by: { points[$0].value < points[$1].value }),
        let greatest = indices.max(by: { points[$0].value < points[$1].value })
      else { return [] }
      return least == greatest
        ? [points[least]] : [points[min(least, greatest)], points[max(least, greatest)]]
    }
  }
}

extension Curve {
  /// Bookkeeping that makes no curve worth looking at.
  private static let uninteresting: Set<String> = ["epoch", "num_tokens", "step_time"]

  /// The metrics of `metrics.jsonl`, in the order in which they first appear; those of one stage.
  ///
  /// Lines that are no metrics, such as one that was cut off by a crash, are passed over.
  static func reading(_ text: [UInt8], stage: String) -> [Curve] {
    var curves: OrderedDictionary<String, Curve> = [:]
    for line in text.split(separator: UInt8(ascii: "\n")) {
      guard let members = (try? JSON(parsing: line))?.object, members["stage"]?.string == stage,
        let step = members["step"]?.int
      else { continue }
      for (name, value) in members where name != "stage" && name != "step" {
        guard let value = value.double, value.isFinite, !uninteresting.contains(name) else {
          continue
        }
        curves[name, default: Curve(name: name)].points.append(Point(step: step, value: value))
      }
    }
    return Array(curves.values)
  }
}
