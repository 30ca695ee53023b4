import Checkpoints
import Foundation
import JSON
import Kernels
import Transformers

/// What `Goldens/make.py` gathered.
enum Goldens {
  static let folder = Bundle.module.bundlePath + "/Goldens"

  static func json(_ name: String) throws -> JSON {
    let data = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name).json"))
    return try JSON(parsing: Array(data))
  }

  static func model(
    _ name: String, lowRank: LowRankConfiguration? = nil, compute: Compute = Compute()
  ) throws -> Transformer {
    try ModelDirectory(path: "\(folder)/\(name)").load(lowRank: lowRank, compute: compute)
  }

  static func tokens(_ json: JSON?) -> [[Int32]] {
    (json?.array ?? []).map { ($0.array ?? []).compactMap { $0.int.map(Int32.init) } }
  }

  static func sequences(_ json: JSON) -> [TargetSequence] {
    let targets = (json["targets"]?.array ?? []).map { ($0.array ?? []).compactMap(\.int) }
    return zip(tokens(json["tokens"]), targets).map { TargetSequence(tokens: $0, targets: $1) }
  }

  static func floats(_ json: JSON?) -> [Float] {
    (json?.array ?? []).compactMap { $0.double.map { Float($0) } }
  }
}

/// |found − expected| over |expected|, both as vectors.
func relativeError(_ found: [Float], _ expected: [Float]) -> Double {
  guard found.count == expected.count, !expected.isEmpty else { return .infinity }
  var (difference, size) = (0.0, 0.0)
  for (a, b) in zip(found, expected) {
    difference += Double(a - b) * Double(a - b)
    size += Double(b) * Double(b)
  }
  return (difference / max(size, .leastNormalMagnitude)).squareRoot()
}

/// The largest relative error of the sampled entries and of the norm, over all tensors.
func worstError(_ gradients: FloatBuffer, of parameters: ParameterSet, _ golden: JSON?) -> (
  error: Double, count: Int
) {
  var worst = (error: 0.0, count: 0)
  for slot in parameters.slots {
    guard let sample = golden?[slot.name], let norm = sample["norm"]?.double else { continue }
    let places = (sample["places"]?.array ?? []).compactMap(\.int)
    let found = gradients.array(slot.range)
    let foundNorm = found.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    let entries = relativeError(places.map { found[$0] }, Goldens.floats(sample["values"]))
    worst.error = max(worst.error, entries, abs(foundNorm / norm - 1))
    worst.count += 1
  }
  return worst
}
