import Glibc
import JSON

extension CheckpointError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .missing(let path, let purpose): "\(path): does not exist; expected \(purpose)"
    case .system(let path, let operation, let code):
      "\(path): cannot \(operation): \(String(cString: strerror(code)))"
    case .notARegularFile(let path): "\(path): is not a regular file; expected one"
    case .executableWeights(let path):
      "\(path): pickled weights can run code and are never read; convert them to safetensors"
        + " (in Python: model.save_pretrained(folder, safe_serialization=True)) and pass that"
    case .escapes(let path, let target):
      "\(path): leads to \(target), outside of its folder; copy the file into the folder"
    case .tooLarge(let path, let bytes, let limit):
      "\(path): has \(bytes) bytes; at most \(limit) are read"
    case .safetensors(let path, let fault): "\(path): \(fault)"
    case .gguf(let path, let fault): "\(path): \(fault)"
    case .json(let path, let error): "\(path):\(error.line):\(error.column): \(error.message)"
    case .content(let path, let key, let found, let expected):
      "\(path): \(key): found \(found); expected \(expected)"
    case .missingTensor(let path, let tensor, let shard):
      "\(path): names the tensor '\(tensor)' in \(shard), which does not hold it"
    case .extraTensor(let path, let tensor, let shard):
      "\(path): does not name the tensor '\(tensor)' that \(shard) holds"
    case .unsupportedAdapter(let path, let key, let found, let supported):
      "\(path): \(key) is \(found), which is not supported; \(supported)"
    default: tensorDescription
    }
  }

  private var tensorDescription: String {
    switch self {
    case .noSuchTensor(let name, let nearest):
      "there is no tensor '\(name)'" + (nearest.map { "; did you mean '\($0)'?" } ?? "")
    case .notFloats(let name, let elementType):
      "the tensor '\(name)' has elements of type \(elementType.rawValue);"
        + " expected F32, BF16, F16 or F64"
    case .wrongRange(let name, let found, let elements):
      "the tensor '\(name)' has \(elements) elements; asked for"
        + " \(found.lowerBound)..<\(found.upperBound)"
    case .wrongCount(let name, let found, let expected):
      "the tensor '\(name)': got room or values for \(found) elements; expected \(expected)"
    case .unwritten(let name, let written, let elements):
      "the tensor '\(name)' was declared with \(elements) elements; \(written) were written"
    case .duplicateTensor(let name): "the tensor '\(name)' stands here twice"
    case .invalidDeclaration(let name, let reason): "the tensor '\(name)': \(reason)"
    default: "unknown"
    }
  }
}

extension SafetensorsFault: CustomStringConvertible {
  public var description: String {
    switch self {
    case .headerTooSmall(let fileBytes):
      "HeaderTooSmall: the file has \(fileBytes) bytes; expected at least 8"
    case .headerTooLarge(let headerBytes, let limit):
      "HeaderTooLarge: the header claims \(headerBytes) bytes; at most \(limit) are allowed"
    case .invalidHeaderLength(let headerBytes, let fileBytes):
      "InvalidHeaderLength: a header of \(headerBytes) bytes does not fit a file of"
        + " \(fileBytes) bytes; the file is cut short or is not safetensors"
    case .invalidHeader(let offset):
      "InvalidHeader: the header is not valid UTF-8 at its byte \(offset)"
    case .invalidHeaderStart(let byte):
      "InvalidHeaderStart: the header starts with byte 0x\(String(byte, radix: 16));"
        + " expected '{'"
    case .invalidHeaderDeserialization(let error):
      "InvalidHeaderDeserialization: the header is not valid JSON at its \(error)"
    case .invalidHeaderContent(let key, let found, let expected):
      "InvalidHeaderDeserialization: \(key): found \(found); expected \(expected)"
    case .invalidOffset(let tensor, let start, let expected):
      "InvalidOffset: the tensor '\(tensor)' starts at byte \(start) of the data;"
        + " expected \(expected), where the one before it ends"
    case .tensorInvalidInfo(let tensor, let found, let expected):
      "TensorInvalidInfo: the tensor '\(tensor)' is given \(found) bytes; its shape and type"
        + " take \(expected)"
    case .metadataIncompleteBuffer(let described, let present):
      "MetadataIncompleteBuffer: the header describes \(described) bytes of data; the file"
        + " holds \(present)"
    case .validationOverflow(let tensor, let shape):
      "ValidationOverflow: the shape \(shape) of the tensor '\(tensor)' overflows 64 bits"
    case .misalignedSlice(let tensor, let bits):
      "MisalignedSlice: the \(bits) bits of the tensor '\(tensor)' end within a byte"
    }
  }
}

extension GGUFFault: CustomStringConvertible {
  public var description: String {
    switch self {
    case .notGGUF: "does not start with 'GGUF'; it is not a GGUF file"
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
}
