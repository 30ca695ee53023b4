import ArgumentParser
import Foundation
import Transformers

/// A row of tokens with what is learned of it, in the words of the peer's trainer.
struct TokenRow: Codable {
  var ids: [Int32]
  /// The token itself where it is learned, else −100.
  var labels: [Int32]

  enum CodingKeys: String, CodingKey {
    case ids = "input_ids"
    case labels
  }

  var sequence: TargetSequence {
    TargetSequence(tokens: ids, targets: labels.indices.filter { $0 > 0 && labels[$0] >= 0 })
  }

  static func read(_ path: String?) throws -> [TokenRow] {
    guard let path, let text = textFile(path) else {
      throw ValidationError(
        "there are no rows at \(path ?? "--rows"): `zhinao-bench rows` makes them of a data set")
    }
    let rows = try text.split(separator: "\n").map {
      try JSONDecoder().decode(TokenRow.self, from: Data($0.utf8))
    }
    guard !rows.isEmpty else { throw ValidationError("\(path) holds no rows") }
    return rows
  }
}
