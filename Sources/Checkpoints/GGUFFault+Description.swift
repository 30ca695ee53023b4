extension GGUFFault: CustomStringConvertible {
  public var description: String { "\(finding); \(remedy)" }

  private var finding: String {
    switch self {
    case .notGGUF: "does not start with 'GGUF': it is not a GGUF file"
    case .unsupportedVersion(let version): "GGUF version \(version); expected 2 or 3"
    case .truncated(let offset, let needed, let present):
      "at byte \(offset): \(needed) more bytes are needed, \(present) are left;"
        + " the file is cut short or damaged"
    case .outOfBounds(let what, let found, let limit):
      "\(what) is \(found); at most \(limit) is allowed"
    case .invalidText(let what, let offset): "\(what) at byte \(offset) is not valid UTF-8"
    case .unknownType(let what, let code): "\(what) has the unknown type \(code)"
    case .duplicate(let what, let name): "the \(what) '\(name)' stands here twice"
    case .invalidAlignment(let alignment):
      "general.alignment is \(alignment); expected a power of two from 8 to 65536"
    case .invalidShape(let tensor, let shape, let reason):
      "the tensor '\(tensor)' has shape \(shape): \(reason)"
    case .invalidOffset(let tensor, let found, let expected):
      "the tensor '\(tensor)' starts at byte \(found) of the data; expected \(expected)"
    case .unsupportedQuantization(let tensor, let type):
      "the tensor '\(tensor)' is stored as \(type); F32, F16, BF16, Q8_0, Q6_K, Q4_0 and Q4_1"
        + " can be read"
    case .missingKey(let key): "the metadata has no '\(key)'"
    case .wrongValue(let key, let found, let expected):
      "the metadata's '\(key)' is \(found); expected \(expected)"
    case .unsupportedArchitecture(let name):
      "general.architecture is '\(name)'; expected 'llama' or 'qwen2'"
    case .unknownTensor(let name): "the tensor '\(name)' has no place in this architecture"
    }
  }

  private var remedy: String {
    switch self {
    case .notGGUF, .truncated: "download it again, and compare its size with the original's"
    case .unsupportedQuantization: "take the model in one of these"
    case .unsupportedVersion, .missingKey, .wrongValue:
      "convert the model again, with a recent llama.cpp"
    case .unsupportedArchitecture, .unknownTensor: "take the model as safetensors"
    default: "download it again; if that changes nothing, convert the model again"
    }
  }
}
