import Artifacts
import JSON
import Pipeline

/// Who sampled what: `sampler.json` beside completions, and beside the scores and pairs made of them.
///
/// It names the model and the data by the digests of their contents, so that a later stage can tell
/// whether these are its own policy's answers, to its own rows.
struct SamplerRecord {
  static let fileName = "sampler.json"

  let json: JSON

  var model: String? { json["model"]?.string }
  var data: String? { json["data"]?.string }
  /// What the model's weights were kept in, where it was not the precision that it computes in.
  var weights: String? { json["settings"]?["weights"]?.string }

  init(_ json: JSON) { self.json = json }

  /// The record in an artifact's folder; nil for a file that somebody brought.
  init?(in folder: String) throws {
    let path = "\(folder)/\(SamplerRecord.fileName)"
    guard try Files.status(folder)?.kind == .directory, Files.exists(path) else { return nil }
    do { json = try JSON(parsing: try Files.read(path, limit: 1 << 24)) } catch let error
      as JSONError
    {
      throw BadInput("\(path): not JSON: \(error.message) (column \(error.column))")
    }
  }

  func write(to folder: String) throws {
    try Files.replace(
      "\(folder)/\(SamplerRecord.fileName)", with: Array((json.serialized(.pretty) + "\n").utf8))
  }

  /// Hands a record on, where there is one, to what was made of the artifact.
  static func carry(from input: String, to output: String) throws {
    try SamplerRecord(in: input)?.write(to: output)
  }
}

extension SamplerRecord {
  /// Refuses pairs that another model sampled than the one that a stage names as its `sampler`.
  ///
  /// A sampler whose weights were rounded for sampling is that model: pairs are learnt from as texts.
  /// - Returns: The record of the pairs' sampler, where the stage names one.
  /// - Throws: `BadInput`, saying which model made them.
  @discardableResult
  static func check(_ context: StageContext, data slot: String) throws -> SamplerRecord? {
    guard context.optionalInput("sampler") != nil else { return nil }
    let path = try context.input(slot)
    guard let record = try SamplerRecord(in: path), let found = record.model else {
      throw BadInput(
        "\(path) does not say which model sampled it, and the recipe names one: give `\(slot)` the "
          + "output of a stage of the kind `pair`, or leave the input `sampler` out")
    }
    guard let wanted = context.inputDigest("sampler"), wanted != found else { return record }
    throw BadInput(
      "the pairs were sampled by the model \(found.prefix(12)), and the recipe's `sampler` is the model "
        + "\(wanted.prefix(12)): sample them again, or name the model that made them")
  }
}
