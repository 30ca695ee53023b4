import Testing

@testable import Merging

/// Merges by a method alone, without files: what is not set has its default, and a weight is 1.
func merge(
  _ name: String, base: [Float]? = nil, _ models: [[Float]], shape: [Int]? = nil,
  each: [String: [Double]] = [:], _ settings: [String: Double] = [:], seed: UInt64 = 0,
  tensor: String = "w", threads: Int = 1
) throws -> [Float] {
  let method = try #require(MergeMethods.named(name))
  let tensors = try inputs(
    method, base: base, models, shape: shape, each: each, settings, seed: seed, tensor: tensor,
    threads: threads)
  return try method.merge(tensors)
}

func inputs(
  _ method: any MergeMethod, base: [Float]? = nil, _ models: [[Float]], shape: [Int]? = nil,
  each: [String: [Double]] = [:], _ settings: [String: Double] = [:], seed: UInt64 = 0,
  tensor: String = "w", threads: Int = 1
) throws -> MergeTensors {
  var resolved = ResolvedParameters(shared: [], perModel: [])
  for parameter in method.parameters {
    let standard = settings[parameter.name] ?? parameter.standard ?? 1
    if parameter.isPerModel {
      let values =
        each[parameter.name] ?? [Double](repeating: standard, count: models.count)
      resolved.perModel.append((parameter.name, values))
    } else {
      resolved.shared.append((parameter.name, standard))
    }
  }
  return MergeTensors(
    name: tensor, seed: seed, shape: shape ?? [models[0].count], base: base.map { MergeInput($0) },
    models: models.map { MergeInput($0) }, parameters: resolved, threads: threads)
}

extension MergeTensors {
  /// These merged in a given way.
  func merged(by merge: any BlockMerge) throws -> [Float] {
    try Fixed(merge: merge).merge(self)
  }
}

/// A method that merges in a given way.
private struct Fixed: MergeMethod {
  let name = "fixed"
  let summary = ""
  let parameters: [MergeParameter] = []
  let base = BaseRole.optional
  let modelCount = 1...64
  var merge: any BlockMerge

  func merging(_ tensors: MergeTensors) -> any BlockMerge { merge }
}

/// Numbers around zero that are the same on every run: of few distinct sizes if `coarse`.
func numbers(_ count: Int, seed: UInt64, coarse: Bool = false) -> [Float] {
  var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
  return (0..<count).map { _ in
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    let value = Float(state >> 40) / 16_777_216 - 0.5
    return coarse ? (value * 64).rounded() / 64 : value
  }
}
