import Pipeline

/// What `run --dry-run` shows: each stage's action, why, and what it will need.
enum PlanTable {
  static func lines(of plan: RunPlan, limits: MachineLimits) -> [String] {
    var table = Table(
      ["stage", "action", "why", "memory", "disk", "time"], rightAligned: [3, 4, 5])
    for entry in plan.entries {
      let needs = entry.action == .reuse ? nil : entry.estimate
      table.rows.append([
        entry.stage, action(entry.action), why(entry.reasons),
        needs?.memory.map(Amount.bytes) ?? "–", needs?.disk.map(Amount.bytes) ?? "–",
        needs?.time.map { "~" + Amount.duration($0) } ?? "–",
      ])
    }
    let head = "plan: \(Amount.count(plan.entries.count, "stage")), \(plan.reused) reused"
    return [head] + table.lines + plan.entries.compactMap(recomputation) + [
      limitsLine(plan, limits)
    ]
  }

  /// What a stage's `memory_limit` costs it.
  private static func recomputation(_ entry: RunPlan.Entry) -> String? {
    guard let estimate = entry.estimate, let count = estimate.recomputedLayers, count > 0,
      let layers = estimate.layers
    else { return nil }
    return "\(entry.stage): \(count) of \(layers) layers are computed again on the way back"
  }

  private static func action(_ action: RunPlan.Action) -> String {
    switch action {
    case .reuse: "reuse"
    case .resume(let step?): "resume after \(Amount.grouped(step))"
    case .resume(nil): "resume"
    case .run: "run"
    }
  }

  private static func why(_ reasons: [String]) -> String {
    if reasons.isEmpty { return "–" }
    return reasons.prefix(4).joined(separator: "; ") + (reasons.count > 4 ? "; …" : "")
  }

  private static func limitsLine(_ plan: RunPlan, _ limits: MachineLimits) -> String {
    let pending = plan.entries.filter { $0.action != .reuse }.compactMap(\.estimate)
    let memory = pending.compactMap(\.memory).max()
    let disk = pending.compactMap(\.disk).reduce(0) { $0.addingReportingOverflow($1).partialValue }
    return "limits: " + limit("memory", limits.memory, memory) + " · "
      + limit("disk", limits.disk, pending.isEmpty ? nil : disk)
  }

  private static func limit(_ name: String, _ present: Int?, _ needed: Int?) -> String {
    guard let present else { return "\(name) unknown" }
    let head = "\(name) \(Amount.bytes(present))"
    guard let needed else { return head }
    return needed <= present ? "\(head) ok" : "\(head), too little: \(Amount.bytes(needed)) needed"
  }
}
