import Checkpoints
import Glibc
import JSON

/// A model of a merge, its weights open.
struct OpenedModel: Sendable {
  /// As the configuration names it.
  let name: String
  /// `config.json`.
  var config: JSON
  /// The files that may stand beside merged weights.
  var companions: [Companion]
  /// The tensors as they are merged: an adapter added, embeddings in the output's order.
  var weights: any TensorSource
  let layerCount: Int
  /// Of a model that is a merge itself, the configuration of that.
  var history: String?
  /// The types in which computed tensors are stored; of all others the source says it.
  var storedTypes: [String: ElementType] = [:]

  init(
    name: String, config: JSON, companions: [Companion], weights: any TensorSource
  ) {
    self.name = name
    self.config = config
    self.companions = companions
    self.weights = weights
    layerCount = weights.tensors.reduce(0) { max($0, (LayerName($1.name)?.layer ?? -1) + 1) }
  }

  /// A Hugging Face directory or a GGUF file.
  init(name: String, path: String) throws {
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, path.hasSuffix(".gguf") {
      let file = try GGUFFile(path: path)
      var companions: [Companion] = []
      if let tokenizer = try file.tokenizerJSON {
        companions.append(Companion("tokenizer.json", tokenizer))
      }
      if let configuration = try file.tokenizerConfig {
        companions.append(Companion("tokenizer_config.json", configuration))
      }
      self.init(name: name, config: file.config, companions: companions, weights: file)
      return
    }
    if AdapterDirectory.isAdapter(path: path) {
      throw CheckpointError.content(
        path: path, key: "folder", found: "an adapter",
        expected: "a model; write BASE+\(name) to merge a base with this adapter")
    }
    let directory = try HuggingFaceDirectory(path: path)
    self.init(
      name: name, config: directory.config,
      companions: directory.companionFiles.map {
        Companion(name: $0, content: .file("\(directory.path)/\($0)"))
      }, weights: try directory.weights())
    let own = Companion(
      name: "mergekit_config.yml", content: .file("\(directory.path)/mergekit_config.yml"))
    if let bytes = try? own.bytes(), bytes.count <= 1 << 16 {
      history = String(validating: bytes, as: UTF8.self)
    }
  }

  /// Whether the output projection is the embedding.
  var isTied: Bool { config["tie_word_embeddings"]?.bool == true }

  /// What holds a tensor's values: with tied embeddings the output projection is the embedding.
  func information(_ name: String) -> TensorInformation? {
    if let found = weights.information(name) { return found }
    guard name == Self.projection, isTied else { return nil }
    return weights.information(Self.embedding)
  }

  /// The type in which a tensor is stored, which may not be the one in which it is read.
  func storedType(_ tensor: TensorInformation) -> ElementType {
    storedTypes[tensor.name] ?? tensor.elementType
  }

  /// Replaces tensors by computed ones, remembering in which types they were.
  mutating func replace(_ tensors: [any DerivedTensor]) {
    guard !tensors.isEmpty else { return }
    for tensor in tensors where storedTypes[tensor.name] == nil {
      storedTypes[tensor.name] = information(tensor.name)?.elementType
    }
    weights = DerivedTensors(weights, replacing: tensors)
  }

  /// Gives the output projection weights of its own, so that it can differ from the embedding.
  mutating func untie() {
    guard isTied else { return }
    config["tie_word_embeddings"] = false
    guard weights.information(Self.projection) == nil, weights.information(Self.embedding) != nil
    else { return }
    replace([BorrowedTensor(name: Self.projection, source: weights, key: Self.embedding)])
    storedTypes[Self.projection] = weights.information(Self.embedding).map(storedType)
  }

  static let embedding = "model.embed_tokens.weight"
  static let projection = "lm_head.weight"
}

/// A file beside a model's weights.
struct Companion: Sendable {
  enum Content: Sendable {
    case file(String)
    case text(String)
  }

  /// Its name in the folder, which may begin with that of a folder there.
  var name: String
  var content: Content

  init(name: String, content: Content) {
    self.name = name
    self.content = content
  }

  init(_ name: String, _ document: JSON) {
    self.init(name: name, content: .text(document.serialized(.pretty) + "\n"))
  }

  /// How large a file that is read is: a tokenizer's, a template.
  private static let limit = 64 << 20

  func bytes() throws(MergeError) -> [UInt8] {
    switch content {
    case .text(let text): return Array(text.utf8)
    case .file(let path): return try Self.read(path)
    }
  }

  /// A document that nobody can read is the user's, who is told where.
  func json() throws -> JSON {
    let bytes = try bytes()
    do throws(JSONError) {
      return try JSON(parsing: bytes)
    } catch {
      throw CheckpointError.json(path: place, error)
    }
  }

  var place: String {
    switch content {
    case .file(let path): path
    case .text: name
    }
  }

  private static func read(_ path: String) throws(MergeError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system(path: path, operation: "open", code: errno) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 18)
    while bytes.count <= limit {
      let count = Glibc.read(descriptor, &piece, piece.count)
      if count < 0, errno != EINTR {
        throw .system(path: path, operation: "read", code: errno)
      }
      if count == 0 { break }
      bytes += piece[..<max(0, count)]
    }
    guard bytes.count <= limit else {
      throw .system(path: path, operation: "read more than 64 MiB of", code: EFBIG)
    }
    return bytes
  }
}
