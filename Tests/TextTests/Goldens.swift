import Foundation
import JSON
import Testing

@testable import Text

/// A file of the folder Goldens.
func golden(_ name: String) throws -> JSON {
  let url = try #require(
    Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Goldens"))
  return try JSON(parsing: [UInt8](Data(contentsOf: url)))
}

/// The small tokenizer with this name.
func smallTokenizer(_ name: String) throws -> Tokenizer {
  let all = try #require(golden("tokenizers")["vocabularies"]?.array)
  let one = try #require(all.first { $0["name"]?.string == name })
  return try Tokenizer(json: try #require(one["file"]), configuration: nil)
}

/// 256 bytes and a few pairs, as a tiktoken file.
func smallRanks() -> [UInt8] {
  let tokens = (0...255).map { [UInt8($0)] } + ["th", "the", " the", "ab"].map { Array($0.utf8) }
  let lines = tokens.enumerated().map { "\(Data($1).base64EncodedString()) \($0)" }
  return Array((lines.joined(separator: "\n") + "\n").utf8)
}
