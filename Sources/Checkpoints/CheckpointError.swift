public import JSON

/// What is wrong with a checkpoint's files: facts, rendered by `description`.
public enum CheckpointError: Error, Sendable, Equatable {
  /// A file or folder that should be there is not.
  case missing(path: String, purpose: String)
  /// The system refused an operation on a file.
  case system(path: String, operation: String, code: Int32)
  case notARegularFile(path: String)
  /// A file of weights in a format that runs code when it is opened.
  case executableWeights(path: String)
  /// A file or link that leads out of the folder that it was named in.
  case escapes(path: String, target: String)
  case tooLarge(path: String, bytes: Int, limit: Int)

  case safetensors(path: String, SafetensorsFault)
  case gguf(path: String, GGUFFault)
  case json(path: String, JSONError)
  /// A JSON file whose text is sound and whose content is not.
  case content(path: String, key: String, found: String, expected: String)

  /// The index names a tensor that its shard does not hold.
  case missingTensor(path: String, tensor: String, shard: String)
  /// A shard holds a tensor that the index does not name there.
  case extraTensor(path: String, tensor: String, shard: String)

  case noSuchTensor(name: String, nearest: String?)
  case notFloats(name: String, elementType: ElementType)
  case wrongRange(name: String, found: Range<Int>, elements: Int)
  case wrongCount(name: String, found: Int, expected: Int)
  /// A tensor was declared and not wholly written when the file was finished.
  case unwritten(name: String, written: Int, elements: Int)
  case duplicateTensor(name: String)
  case invalidDeclaration(name: String, reason: String)

  /// An adapter that this project cannot apply as it was meant.
  case unsupportedAdapter(path: String, key: String, found: String, supported: String)

  /// Whether an input is absent, rather than malformed.
  public var isMissingInput: Bool {
    if case .missing = self { true } else { false }
  }
}

/// How a safetensors file breaks its format; the names are those of the reference reader, but for the first.
public enum SafetensorsFault: Error, Sendable, Equatable {
  /// A few lines of text that Git LFS puts where the file would be.
  case gitPointer(fileBytes: Int)
  case headerTooSmall(fileBytes: Int)
  case headerTooLarge(headerBytes: UInt64, limit: Int)
  case invalidHeaderLength(headerBytes: UInt64, fileBytes: Int)
  case invalidHeader(offset: Int)
  case invalidHeaderStart(byte: UInt8)
  case invalidHeaderDeserialization(JSONError)
  /// Part of the header is not what it should be: a type, a name, a key.
  case invalidHeaderContent(key: String, found: String, expected: String)
  case invalidOffset(tensor: String, start: Int, expected: Int)
  case tensorInvalidInfo(tensor: String, found: Int, expected: Int)
  /// The file has another size than header and described tensors have together.
  case metadataIncompleteBuffer(fileBytes: Int, expected: Int)
  case validationOverflow(tensor: String, shape: [UInt64])
  case misalignedSlice(tensor: String, bits: Int)
}

/// How a GGUF file breaks its format, or what in it cannot be read here.
public enum GGUFFault: Error, Sendable, Equatable {
  case notGGUF
  case unsupportedVersion(UInt32)
  case truncated(offset: Int, needed: UInt64, present: Int)
  case outOfBounds(what: String, found: UInt64, limit: UInt64)
  case invalidText(what: String, offset: Int)
  case unknownType(what: String, code: UInt32)
  case duplicate(what: String, name: String)
  case invalidAlignment(UInt64)
  case invalidShape(tensor: String, shape: [UInt64], reason: String)
  case invalidOffset(tensor: String, found: UInt64, expected: UInt64)
  case unsupportedQuantization(tensor: String, type: String)
  case missingKey(String)
  case wrongValue(key: String, found: String, expected: String)
  case unsupportedArchitecture(String)
  case unknownTensor(String)
}
