import Testing

@testable import Reporting

@Suite struct CurveTests {
  @Test func aStagesMetricsBecomeCurvesInTheirOrder() {
    let text = """
      {"stage":"sft","step":1,"loss":2.5,"epoch":0.1,"grad_norm":null}
      {"stage":"dpo","step":1,"loss":0.7}
      {"stage":"sft","step":2,"loss":2.0,"accuracy":0.5}
      {"stage":"sft","step":3,"lo
      """
    #expect(
      Curve.reading(Array(text.utf8), stage: "sft") == [
        Curve(name: "loss", points: [.init(step: 1, value: 2.5), .init(step: 2, value: 2)]),
        Curve(name: "accuracy", points: [.init(step: 2, value: 0.5)]),
      ])
  }

  @Test func aThinnedCurveKeepsItsPeaks() {
    var curve = Curve(name: "loss")
    curve.points = (0..<10_000).map { .init(step: $0, value: $0 == 4321 ? 99 : Double($0 % 7)) }
    let thin = curve.thinned(to: 100)
    #expect(thin.count <= 100)
    #expect(thin.contains { $0.step == 4321 && $0.value == 99 })
    #expect(zip(thin, thin.dropFirst()).allSatisfy { $0.step < $1.step })
  }

  @Test func aChartOfOneValueIsALineInTheMiddle() {
    let curve = Curve(
      name: "a<b", points: [.init(step: 1, value: 3), .init(step: 2, value: 3)])
    let drawing = LineChart(curve: curve).markup.serialized
    #expect(drawing.contains("points=\"2.0,45.0 298.0,45.0\""))
    #expect(drawing.contains("a&lt;b: 3"))
  }
}
