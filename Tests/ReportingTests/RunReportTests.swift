import Artifacts
import Glibc
import JSON
import OrderedCollections
import Testing

@testable import Reporting

@Suite struct RunReportTests {
  @Test func aRunStandsOnOnePage() throws {
    var template = Array("/tmp/reporting.XXXXXX".utf8CString)
    let workspace = String(cString: try #require(mkdtemp(&template)))
    defer { try? Files.remove(workspace) }
    let store = ArtifactStore(workspace: workspace)
    try store.prepare()
    let logs = store.logs(recipe: "r", started: "now")
    try Files.makeDirectory(logs)
    let sft = RunRecord(
      key: ["kind": "sft"], recipe: "r", stage: "sft", settings: ["beta": 0.5], inputs: [],
      summary: ["loss": 0.25], started: "now", seconds: 75, environment: ["logs": .string(logs)])
    let dpo = RunRecord(
      key: ["kind": "dpo"], recipe: "r", stage: "dpo", settings: [:],
      inputs: [
        .init(
          slot: "model", source: "$sft", digest: Digest.of("weights"), producer: sft.fingerprint)
      ], started: "now")
    try Files.append(
      Array(
        "{\"stage\":\"sft\",\"step\":1,\"loss\":2}\n{\"stage\":\"sft\",\"step\":2,\"loss\":1}\n"
          .utf8),
      to: "\(store.runs)/\(sft.fingerprint.hex).metrics.jsonl")
    try Files.append(
      Array(
        "{\"event\":\"sample\",\"stage\":\"sft\",\"sample\":{\"prompt\":\"<b>2 + 2</b>\",\"reward\":1}}\n"
          .utf8), to: "\(logs)/events.jsonl")

    let report = RunReport(
      recipe: "r",
      stages: [
        StageReport(name: "sft", result: .reused, record: sft),
        StageReport(name: "dpo", result: .ran, record: dpo),
        StageReport(name: "grpo", result: .failed(message: "no <data>")),
      ], logs: logs)
    let page = report.page(store: store)
    #expect(page.contains("<td>loss 0.25</td>"))
    #expect(page.contains("<td>1:15</td>"))
    #expect(page.contains("<polyline"))
    #expect(page.contains("&lt;b&gt;2 + 2&lt;/b&gt;"))
    #expect(page.contains("grpo failed: no &lt;data&gt;"))
    // One edge: from what was made first to what was made of it.
    #expect(page.components(of: "class=\"edge\"") == 1)
  }
}

extension String {
  fileprivate func components(of part: String) -> Int { ranges(of: part).count }
}
