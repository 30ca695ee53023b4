import Artifacts
import Datasets
import Generation
import JSON
import Pipeline
import Text

/// Completions that somebody else sampled, to be learnt from in the order of their file.
struct GivenRollouts {
  let groups: [RolloutGroup]

  /// Reads a file of rollouts, completions or scores, or the one in a folder.
  ///
  /// - Throws: `BadInput` with the line that is wrong.
  init(path: String, titles: [String], encoding tokenizer: ChatTokenizer) throws {
    let file = try datasetFile(path)
    var bytes = try Files.read(file, limit: 1 << 34)
    if Gzip.isCompressed(bytes) {
      do { bytes = try Gzip.decompressed(bytes, limit: 1 << 36) } catch {
        throw BadInput("\(file): \(error)")
      }
    }
    var groups: [RolloutGroup] = []
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() where !line.isEmpty {
      let place = "\(file):\(index + 1)"
      let json: JSON
      do { json = try JSON(parsing: line) } catch {
        throw BadInput("\(place): not JSON: \(error.message) (column \(error.column))")
      }
      var group = try RolloutGroup(json, titles: titles, row: groups.count + 1, place: place)
      if group.prompt.ids.isEmpty { group.prompt.ids = try tokenizer.encode(group.prompt.prompt) }
      guard group.rollouts.count > 1 else {
        throw BadInput("\(place): \(group.rollouts.count) completions are no group: 2 or more are")
      }
      // Whoever sampled them need not have been this policy.
      for index in group.rollouts.indices where group.rollouts[index].old == nil {
        let sampled = group.rollouts[index].answer.completion.logProbabilities
        if !sampled.isEmpty { group.rollouts[index].old = sampled }
      }
      groups.append(group)
    }
    guard !groups.isEmpty else { throw BadInput("\(file) holds no rollouts") }
    self.groups = groups
  }

  /// A generation of `size` groups: the next ones, from the beginning again at the end.
  func batch(_ index: Int, size: Int) -> RolloutBatch {
    let start = index * size
    return RolloutBatch(
      index: index, groups: (0..<size).map { groups[(start + $0) % groups.count] }, start: start,
      end: start + size)
  }
}
