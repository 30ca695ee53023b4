import JSON
import Testing

@testable import Merging

@Suite struct InspectionTests {
  private let fixture: Fixture
  private let name = "model.layers.0.mlp.up_proj.weight"

  /// B is zero; X changes [3, 4, 0, 0] and Y [4, −3, 0, 1].
  init() throws {
    fixture = try Fixture()
    for (model, values) in [
      ("B", [1, 1, 1, 1]), ("X", [4, 5, 1, 1]), ("Y", [5, -2, 1, 2] as [Float]),
    ] {
      try fixture.model(model, [(name, [2, 2], values)])
    }
  }

  private let yaml = """
    merge_method: ties
    base_model: B
    models: [{model: X, parameters: {weight: 1}}, {model: Y, parameters: {weight: 0.5, density: 1}}]
    parameters: {density: 0.25}
    """

  @Test func changesAreMeasuredAgainstEachOther() throws {
    let inspection = try fixture.plan(yaml).inspection()
    #expect(inspection.base == "B" && inspection.models == ["X", "Y"])
    #expect(inspection.densities == [0.25, 1])
    let layer = try #require(inspection.layers.first)
    #expect(inspection.layers.count == 1 && layer.name == "layer 0")
    // ‖[3, 4]‖ = 5, ‖[4, −3, 1]‖ = √26, of the base 2; 3·4 − 4·3 = 0.
    #expect(layer.norms == [5, 26.squareRoot()] && layer.baseNorm == 2)
    #expect(layer.cosines == [0])
    // Both change the first two elements, and disagree in the second.
    #expect(layer.conflict == 0.5)
    // A quarter of four is the 4: 16 of 25.
    #expect(layer.trimmed == [16.0 / 25, 1])
    // The second element's vote is 4 − 1.5 > 0: Y loses one of its three.
    #expect(layer.elected == [1, 2.0 / 3])
    #expect(inspection.json["layers"]?.array?.first?["sign_conflict"]?.double == 0.5)
  }

  @Test func aHeatMapIsAPictureOfTheSameBytes() throws {
    let inspection = try fixture.plan(yaml).inspection()
    let svg = HeatMap(inspection).svg
    #expect(svg == HeatMap(inspection).svg)
    #expect(svg.hasPrefix("<svg") && svg.hasSuffix("</svg>\n"))
    #expect(svg.contains("layer 0") && svg.contains(">0.5<") && svg.contains("cos X, Y"))
  }

  @Test func thePlanSaysEveryParameterOfEveryTensor() throws {
    let report = try fixture.plan(yaml).report()
    #expect(report.rows.count == 1 && report.parameterCount == 4)
    let row = report.rows[0]
    #expect(row.sources == ["B:\(name)", "X:\(name)", "Y:\(name)"])
    let density = row.parameters.first { $0.name == "density" }
    #expect(density?.values == [0.25, 1])
    #expect(report.bytesRead == 48 && report.bytesWritten == 16)
    #expect(report.memory == 5 * 16 + 100 << 20)
    #expect(report.seconds != nil)
    #expect(report.json["tensors"]?.array?.first?["parameters"]?["lambda"]?.double == 1)
  }
}
