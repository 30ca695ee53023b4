import Foundation
import Profiling

extension Profile {
  /// A table of what each step's time went into, warm-up steps among them; activities below a thousandth are left out.
  func markdown(steps: Int) -> String {
    let rows = entries.filter { $0.seconds >= 0.001 * seconds }.map { entry in
      let path = entry.path.map(\.rawValue).joined(separator: " › ")
      let share = String(format: "%.1f", 100 * entry.seconds / seconds)
      let time = String(format: "%.2f", 1000 * entry.seconds / Double(max(steps, 1)))
      func rate(_ amount: Double) -> String {
        amount > 0 ? String(format: "%.1f", amount / entry.seconds * 1e-9) : "–"
      }
      return "| \(path) | \(time) | \(share) % | \(entry.calls / max(steps, 1)) | "
        + "\(rate(entry.work.operations)) | \(rate(entry.work.bytes)) |"
    }
    let head = [
      "| activity | ms a step | share | calls a step | GFLOP/s | GB/s |",
      "|---|--:|--:|--:|--:|--:|",
    ]
    return (head + rows).joined(separator: "\n") + "\n"
  }
}
