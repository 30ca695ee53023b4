import JSON

extension SafetensorsFault: CustomStringConvertible {
  public var description: String { "\(finding); \(remedy)" }

  private var finding: String {
    switch self {
    case .gitPointer(let fileBytes):
      "the file is not the weights but \(fileBytes) bytes of text that point to them (Git LFS)"
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
    case .metadataIncompleteBuffer(let fileBytes, let expected):
      "MetadataIncompleteBuffer: the file has \(fileBytes) bytes, and its header describes"
        + " \(expected): "
        + (fileBytes < expected
          ? "the last \(expected - fileBytes) are missing" : "the rest belongs to no tensor")
    case .validationOverflow(let tensor, let shape):
      "ValidationOverflow: the shape \(shape) of the tensor '\(tensor)' overflows 64 bits"
    case .misalignedSlice(let tensor, let bits):
      "MisalignedSlice: the \(bits) bits of the tensor '\(tensor)' end within a byte"
    }
  }

  /// A file that is not whole is fetched again; one that says what cannot be was written so, unless something damaged it.
  private var remedy: String {
    switch self {
    case .gitPointer: "fetch them: git lfs pull"
    case .metadataIncompleteBuffer(let fileBytes, let expected) where fileBytes < expected:
      "download it again: it should have \(expected) bytes"
    case .headerTooSmall, .headerTooLarge, .invalidHeaderLength, .invalidHeader,
      .invalidHeaderStart, .invalidHeaderDeserialization:
      "download it again, and compare its size with the original's"
    default:
      "download it again; if that changes nothing, whoever made it has to write it again"
        + " (in Python: safetensors.torch.save_file)"
    }
  }
}
