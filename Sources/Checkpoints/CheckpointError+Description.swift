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
      "\(path): names the tensor '\(tensor)' in \(shard), which does not hold it; the two are not of one"
        + " download: download both again"
    case .extraTensor(let path, let tensor, let shard):
      "\(path): does not name the tensor '\(tensor)' that \(shard) holds; the two are not of one"
        + " download: download both again"
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
