import Foundation
import Testing

@testable import Merging

/// What has to come out the same, to the bit where the arithmetic is exact.
@Suite struct IdentityTests {
  private let shape = [24, 20]
  private let base = numbers(480, seed: 1)
  private let first = numbers(480, seed: 2)
  private let second = numbers(480, seed: 3)
  private let third = numbers(480, seed: 4)

  private func merge(
    _ method: String, _ models: [[Float]], each: [String: [Double]] = [:],
    _ settings: [String: Double] = [:], base: [Float]?
  ) throws -> [Float] {
    try MergingTests.merge(method, base: base, models, shape: shape, each: each, settings)
  }

  private func distance(_ first: [Float], _ second: [Float]) -> Float {
    zip(first, second).reduce(0) { max($0, abs($1.0 - $1.1)) }
  }

  @Test func oneModelAloneComesBackToTheBit() throws {
    #expect(try merge("linear", [first, second], each: ["weight": [1, 0]], base: nil) == first)
    #expect(try merge("linear", [first, second], each: ["weight": [0, 0.3]], base: nil) == second)
    #expect(try merge("slerp", [first], ["t": 0], base: base) == base)
    #expect(try merge("slerp", [first], ["t": 1], base: base) == first)
    #expect(try merge("nuslerp", [first, second], each: ["weight": [1, 0]], base: base) == first)
    #expect(try merge("passthrough", [first], base: nil) == first)
    for method in ["ties", "dare_ties", "della", "breadcrumbs_ties"] {
      for weight in [1, 0.3, 7] {
        let merged = try merge(
          method, [first], each: ["weight": [weight]], ["normalize": 1], base: base)
        #expect(merged == first, "\(method) of weight \(weight)")
      }
    }
    for method in [
      "task_arithmetic", "dare_linear", "della_linear", "breadcrumbs", "multislerp", "karcher",
      "sce", "ram",
    ] {
      #expect(try merge(method, [first], base: base) == first, "\(method)")
    }
    #expect(try merge("nearswap", [first], ["t": 9], base: base) == first)
  }

  /// 1e-10 beside 1: a sum of base and change would lose it, a sum of tensors does not.
  @Test func aSmallNumberBesideALargeOneIsNotLost() throws {
    let small = [Float](repeating: 1e-10, count: 480)
    let large = [Float](repeating: 1, count: 480)
    #expect(try merge("task_arithmetic", [small], base: large) == small)
    #expect(try merge("ties", [small], each: ["weight": [49]], base: large) == small)
  }

  @Test func equalModelsComeBackToTheBit() throws {
    let weights = ["weight": [0.5, 0.3, 0.4]]
    for method in ["linear", "ties", "multislerp", "karcher", "model_stock", "nuslerp", "sce"] {
      let models = [[Float]](repeating: first, count: method == "nuslerp" ? 2 : 3)
      let base = ["linear", "karcher", "multislerp"].contains(method) ? nil : base
      let merged = try merge(method, models, each: weights, base: base)
      #expect(distance(merged, first) <= (method == "multislerp" ? 1e-7 : 0), "\(method)")
    }
  }

  @Test func aBaseThatNothingChangedIsLeftToTheBit() throws {
    for method in MergeMethods.all where method.base == .required {
      let models = [[Float]](repeating: base, count: max(method.modelCount.lowerBound, 1))
      let settings = ["density": 0.5, "t": 0.5]
      #expect(try merge(method.name, models, settings, base: base) == base, "\(method.name)")
    }
  }

  @Test func densityOneIsTaskArithmetic() throws {
    let weights = ["weight": [0.6, 0.4]]
    let expected = try merge("task_arithmetic", [first, second], each: weights, base: base)
    for method in ["dare_linear", "della_linear", "breadcrumbs"] {
      let merged = try merge(method, [first, second], each: weights, base: base)
      #expect(distance(merged, expected) <= 6e-8, "\(method)")
    }
  }

  /// Without outliers to drop, Breadcrumbs is pruning by magnitude: TIES of one model.
  @Test func breadcrumbsWithoutOutliersPrunesByMagnitude() throws {
    let settings = ["density": 0.3, "gamma": 0]
    #expect(
      try merge("breadcrumbs", [first], settings, base: base)
        == merge("ties", [first], settings, base: base))
  }

  @Test func theOrderOfTheModelsDoesNotMatter() throws {
    let there = [0.5, 0.3, 0.4]
    for method in ["linear", "ties", "karcher", "multislerp", "model_stock", "sce", "ram"] {
      let base = ["linear", "karcher"].contains(method) ? nil : base
      let settings = ["density": 0.4, "select_topk": 0.6]
      let forth = try merge(
        method, [first, second, third], each: ["weight": there], settings, base: base)
      let back = try merge(
        method, [third, second, first], each: ["weight": there.reversed()], settings, base: base)
      #expect(distance(forth, back) <= 6e-8, "\(method)")
    }
  }

  /// 0.5 (0.25 a + 0.75 b) + 0.5 c = 0.125 a + 0.375 b + 0.5 c.
  @Test func aMergeOfMergesIsOneMerge() throws {
    let inner = try merge("linear", [first, second], each: ["weight": [0.25, 0.75]], base: nil)
    let outer = try merge("linear", [inner, third], each: ["weight": [0.5, 0.5]], base: nil)
    let weights = ["weight": [0.125, 0.375, 0.5]]
    let whole = try merge("linear", [first, second, third], each: weights, base: nil)
    #expect(distance(outer, whole) <= 6e-8)
  }

  @Test func karcherKeepsTheMeanLength() throws {
    let length = { (values: [Float]) in
      values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    }
    let merged = try merge("karcher", [first, second, third], base: nil)
    let mean = (length(first) + length(second) + length(third)) / 3
    #expect(abs(length(merged) / mean - 1) < 1e-7)
  }

  /// DARE keeps ‖δ‖₁ by mergekit's rescaling; by the paper's, 1/density, changes are doubled or gone.
  @Test func dareKeepsTheSizeOfChanges() throws {
    let zeros = [Float](repeating: 0, count: 480)
    let size = { (values: [Float]) in values.reduce(0.0) { $0 + abs(Double($1)) } }
    let kept = try merge("dare_linear", [first], ["density": 0.5, "rescale": 0], base: zeros)
    #expect(abs(size(kept) / size(first) - 1) < 1e-6)
    let doubled = try merge("dare_linear", [first], ["density": 0.5, "rescale": 1], base: zeros)
    #expect(zip(doubled, first).allSatisfy { $0 == 0 || $0 == 2 * $1 })
    let plain = try merge("dare_linear", [first], ["density": 0.5, "rescale": 2], base: zeros)
    #expect(zip(plain, first).allSatisfy { $0 == 0 || $0 == $1 })
    #expect(plain.contains(0) && plain != zeros)
  }

  /// Tensors of several blocks, on one, two and four threads; rows that are no multiple of eight.
  @Test func threadsChangeNoBit() throws {
    let count = 300 * 77
    let tensors = (1...4).map { numbers(count, seed: $0, coarse: true) }
    for method in MergeMethods.all {
      let models = Array(tensors[1...].prefix(method.modelCount.upperBound))
      let needsBase = method.base == .required
      let settings = ["density": 0.5, "t": 0.4, "select_topk": 0.5, "nuslerp_flatten": 0]
      let merged = try [1, 2, 4].map { threads in
        try MergingTests.merge(
          method.name, base: needsBase ? tensors[0] : nil, models, shape: [300, 77], settings,
          threads: threads)
      }
      #expect(merged[0] == merged[1] && merged[0] == merged[2], "\(method.name)")
      #expect(merged[0].count == count)
    }
  }
}
