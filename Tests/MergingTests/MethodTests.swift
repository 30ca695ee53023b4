import Testing

@testable import Merging

/// mergekit 0.1.5 in float64, and an independent calculation, make these of three tensors of [2, 4].
@Suite struct MethodTests {
  private let base = Fixture.base
  private let first = Fixture.first
  private let second = Fixture.second

  private func merge(
    _ method: String, _ settings: [String: Double] = [:], each: [String: [Double]] = [:],
    models: [[Float]]? = nil, base: [Float]?
  ) throws -> [Float] {
    let models = models ?? [first, second]
    var each = each
    each["weight"] = each["weight"] ?? (models.count == 2 ? [0.6, 0.4] : nil)
    return try MergingTests.merge(
      method, base: base, models, shape: [2, 4], each: each, settings)
  }

  private func expect(_ values: [Float], _ expected: [Float]) {
    #expect(values.count == expected.count)
    for (value, other) in zip(values, expected) {
      #expect(abs(value - other) <= 1e-6 * max(1, abs(other)), "\(value), and not \(other)")
    }
  }

  /// 0.6 · 1.5 + 0.4 · 0.8 = 1.22, and so on.
  @Test func linearIsTheMean() throws {
    let expected: [Float] = [1.22, -1.9, 0.9, 0.08, 0.17, 2.72, -1.6, 1.64]
    expect(try merge("linear", base: nil), expected)
    expect(try merge("task_arithmetic", base: base), expected)
    expect(try merge("linear", each: ["weight": [1.2, 0.8]], base: nil), expected)
  }

  @Test func taskArithmeticScalesAndNormalizes() throws {
    expect(
      try merge("task_arithmetic", ["lambda": 0.5, "normalize": 1], base: base),
      [1.11, -1.95, 0.7, 0.04, 0.21, 2.86, -1.55, 1.82])
  }

  /// cos ω = 0.74678177.
  @Test func slerpGoesAlongTheCircle() throws {
    expect(
      try merge("slerp", ["t": 0.35], models: [second], base: first),
      [
        1.330_351_78, -2.090_994_53, 0.910_606_83, 0.122_444_94, 0.166_815_75, 2.949_191_23,
        -1.631_825_99, 1.669_703_53,
      ])
  }

  @Test func nuslerpGoesAlongItByWeights() throws {
    expect(
      try merge("nuslerp", base: nil),
      [
        1.298_783_09, -2.020_822_15, 0.965_048_16, 0.081_720_09, 0.182_794_62, 2.897_295_65,
        -1.714_371_81, 1.757_516_71,
      ])
    expect(
      try merge("nuslerp", base: base),
      [
        1.458_518_51, -1.571_010_23, 1.609_385_35, 0.100_562_32, 0.088_780_3, 2.162_772_88,
        -1.928_989_77, 1.304_840_05,
      ])
  }

  @Test func multislerpAveragesDirectionsAndLengths() throws {
    expect(
      try merge("multislerp", base: nil),
      [
        1.301_794_5, -2.027_459_23, 0.960_065_06, 0.085_500_4, 0.181_325_46, 2.902_296_06,
        -1.706_832_73, 1.749_492_21,
      ])
    expect(
      try merge("multislerp", base: base),
      [
        1.685_995_54, -2.100_025_89, 1.232_462_06, 0.373_005_54, -0.009_748_97, 2.600_533_12,
        -1.399_974_11, 0.774_501_33,
      ])
  }

  @Test func karcherIsTheMeanOnTheSphere() throws {
    expect(
      try merge("karcher", models: [base, first, second], base: nil),
      [
        1.153_619_96, -1.921_609_7, 0.876_226_09, -0.000_898_3, 0.227_605_96, 2.866_070_02,
        -1.750_816_82, 1.960_137_69,
      ])
  }

  @Test func tiesTrimsElectsAndMerges() throws {
    expect(
      try merge("ties", ["density": 0.5], base: base), [1.5, -1, 1.5, 0, 0.25, 2, -2.5, 1])
    expect(
      try merge("ties", ["density": 0.5, "lambda": 0.7, "normalize": 0], base: base),
      [1.21, -1.72, 0.78, 0, 0.25, 2.72, -1.78, 1.58])
  }

  @Test func breadcrumbsDropsTheLargestToo() throws {
    let settings = ["density": 0.6, "gamma": 0.125]
    expect(
      try merge("breadcrumbs", settings, base: base),
      [1.3, -1.9, 0.9, 0.24, 0.25, 2.6, -1.2, 2.24])
    expect(
      try merge("breadcrumbs_ties", settings, base: base),
      [1.3, -1.6, 0.9, 0.24, 0.25, 2.6, -1.2, 2.24])
  }

  /// t = 0.986989.
  @Test func modelStockGoesAsFarAsModelsAgree() throws {
    let change: [Float] = [0.2, -0.3, 0.1, 0.3, -0.1, 0.1, 0.2, -0.5]
    expect(
      try merge("model_stock", models: [first, zip(base, change).map { $0 + $1 }], base: base),
      [
        1.345_446_07, -2.394_795_51, 0.549_349_44, 0.345_446_07, 0.101_951_68, 3.148_048_32,
        -1.154_553_93, 1.259_758_42,
      ])
  }

  @Test func nearswapTakesWhatIsNear() throws {
    expect(
      try merge("nearswap", ["t": 0.3], models: [first], base: base),
      [1.3, -2.3, 0.5, 0.3, 0.05, 3.2, -1.2, 1.7])
  }

  @Test func sceSelectsAndErases() throws {
    expect(try merge("sce", base: base), [1.5, -1, 1.5, 0.4, 0.05, 2, -2.5, 1])
    expect(
      try merge("sce", ["select_topk": 0.5], base: base), [1, -1, 0.5, 0, 0.25, 2, -2.5, 1])
  }

  @Test func ramAddsWhatIsOneModelsOwn() throws {
    expect(try merge("ram", base: base), [1.15, -1.75, 1.5, 0, 0.2, 2.6, -1.75, 1.8])
    expect(try merge("ramplus_tl", base: base), [1.15, -1.75, 1.52, 0, 0.2, 2.6, -1.75, 1.8])
  }

  @Test func arceeFusionTakesWhatStandsOut() throws {
    expect(
      try merge("arcee_fusion", models: [first], base: base), [1, -2, 0.5, 0, 0.25, 3, -1, 1])
  }

  @Test func everyMethodIsKnownByName() {
    #expect(
      MergeMethods.all.map(\.name).sorted() == [
        "arcee_fusion", "breadcrumbs", "breadcrumbs_ties", "dare_linear", "dare_ties", "della",
        "della_linear", "karcher", "linear", "model_stock", "multislerp", "nearswap", "nuslerp",
        "passthrough", "ram", "ramplus_tl", "sce", "slerp", "task_arithmetic", "ties",
      ])
  }
}
