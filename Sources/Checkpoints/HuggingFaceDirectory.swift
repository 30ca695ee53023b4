import Glibc
public import JSON

/// A model's folder as Hugging Face lays it out.
///
/// Only `config.json` must be there; what else is there is found by its name.
public final class HuggingFaceDirectory: Sendable {
  public let path: String
  /// `config.json`.
  public let config: JSON
  /// `generation_config.json`.
  public let generationConfig: JSON?
  /// The names of the files to copy beside weights made from this model.
  ///
  /// They are the tokenizer's, the chat template, the generation settings and the licence,
  /// relative to the folder, sorted.
  public let companionFiles: [String]

  private let directory: ConfinedDirectory

  /// How large a JSON file is read.
  private static let jsonLimit = 64 << 20

  /// Reads a folder's configuration; the weights are opened by `weights()`.
  ///
  /// Its links may end in this folder and in the trusted ones.
  public init(path: String, trustedRoots: [String] = []) throws {
    if let error = refusal(of: path) { throw error }
    let directory = try ConfinedDirectory(path: path, trustedRoots: trustedRoots)
    self.directory = directory
    self.path = directory.path
    config = try directory.json(
      "config.json", purpose: "the model's configuration", limit: Self.jsonLimit)
    guard config.object != nil else {
      throw CheckpointError.content(
        path: directory.path(of: "config.json"), key: "file", found: config.kind,
        expected: "an object")
    }
    if directory.holds("generation_config.json") {
      generationConfig = try directory.json(
        "generation_config.json", purpose: "generation settings", limit: Self.jsonLimit)
    } else {
      generationConfig = Optional.none
    }
    companionFiles = try Self.companions(directory)
  }

  /// The path of a file of this folder; nil where there is none.
  public func file(_ name: String) -> String? {
    directory.holds(name) ? directory.path(of: name) : nil
  }

  /// `tokenizer.json`.
  public var tokenizerPath: String? { file("tokenizer.json") }
  /// `tokenizer_config.json`.
  public var tokenizerConfigPath: String? { file("tokenizer_config.json") }
  /// A tiktoken vocabulary (`vocab/360.tiktoken`, `qwen.tiktoken`).
  public var tiktokenPath: String? {
    companionFiles.first { $0.hasSuffix(".tiktoken") }.map(directory.path(of:))
  }
  /// `chat_template.jinja`, or the older `chat_template.json`.
  public var chatTemplatePath: String? { file("chat_template.jinja") ?? file("chat_template.json") }

  /// Whether the folder holds safetensors weights, whole or in shards.
  public var hasWeights: Bool {
    directory.holds("model.safetensors") || directory.holds("model.safetensors.index.json")
  }

  /// Opens the weights.
  ///
  /// - Throws: `.executableWeights` where there are only pickled ones.
  public func weights() throws -> SafetensorsDirectory {
    try SafetensorsDirectory(directory, baseName: "model")
  }

  private static let companionNames: Set<String> = [
    "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
    "vocab.json", "merges.txt", "tokenizer.model", "chat_template.jinja", "chat_template.json",
    "generation_config.json", "LICENSE", "LICENSE.txt", "LICENSE.md", "NOTICE", "NOTICE.txt",
    "NOTICE.md",
  ]

  private static func companions(_ directory: ConfinedDirectory) throws -> [String] {
    var found: [String] = []
    for name in try directory.names() {
      if companionNames.contains(name) || name.hasSuffix(".tiktoken") {
        found.append(name)
      } else if name == "vocab" {
        var status = stat()
        guard lstat(directory.path(of: name), &status) == 0, status.st_mode & S_IFMT == S_IFDIR
        else { continue }
        let inner = try ConfinedDirectory(path: directory.path(of: name))
        found += try inner.names().filter { $0.hasSuffix(".tiktoken") }.map { "vocab/\($0)" }
      }
    }
    return found
  }
}
