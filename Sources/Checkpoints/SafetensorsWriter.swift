import Suggestions

/// Writes tensors as they come, so that a model larger than memory can be written.
///
/// All tensors are declared first; then each is written, in any order, in one piece or in
/// consecutive ones. `finish` puts the files under their names, the index last. A writer that is
/// dropped before, after an error say, leaves nothing behind.
public final class SafetensorsWriter {
  /// Five billion bytes, the size above which Hugging Face's writers start another file.
  public static let defaultShardLimit = 5_000_000_000

  private let folder: String
  private let placement: SafetensorsPlacement
  private let order: [String]
  private var files: [PublishedFile] = []
  private var tensors: [String: Destination] = [:]

  private struct Destination {
    var information: TensorInformation
    var shard: Int
    var offset: Int
    var written = 0
  }

  /// Declares the tensors of `<baseName>.safetensors` in an existing folder.
  ///
  /// Declare them in the model's order: shards keep it. Values given as floats can be written as
  /// F32, BF16, F16 and F64; other types take bytes.
  public init(
    folder: String, baseName: String = "model", tensors: [TensorInformation],
    metadata: [(key: String, value: String)] = [("format", "pt")],
    shardLimit: Int = SafetensorsWriter.defaultShardLimit
  ) throws {
    self.folder = folder
    placement = try SafetensorsPlacement(
      tensors: tensors, baseName: baseName, metadata: metadata, shardLimit: shardLimit)
    order = tensors.map(\.name)
    for layout in placement.files {
      let file = try PublishedFile(folder: folder, name: layout.name)
      try file.write(layout.header, at: 0)
      files.append(file)
    }
    for place in placement.places {
      self.tensors[place.information.name] = Destination(
        information: place.information, shard: place.file, offset: place.offset)
    }
  }

  /// Writes the next values of a tensor, row-major, each rounded once to nearest even.
  public func write(_ name: String, _ values: Span<Float>) throws {
    var destination = try destination(name, adding: values.count)
    let elementType = destination.information.elementType
    guard elementType.isConvertibleToFloat else {
      throw CheckpointError.notFloats(name: name, elementType: elementType)
    }
    let piece = 1 << 20
    var start = 0
    while start < values.count {
      let end = min(start + piece, values.count)
      let bytes = FloatConversion.encode(values.extracting(start..<end), as: elementType)
      try put(bytes.span.bytes, &destination)
      start = end
    }
  }

  /// Writes the next elements of a tensor as they are to stand in the file, little-endian.
  public func write(_ name: String, bytes: RawSpan) throws {
    let bits = try destination(name, adding: 0).information.elementType.bits
    guard bytes.byteCount * 8 % bits == 0 else {
      throw CheckpointError.invalidDeclaration(
        name: name, reason: "\(bytes.byteCount) bytes are no whole number of its elements")
    }
    var destination = try destination(name, adding: bytes.byteCount * 8 / bits)
    try put(bytes, &destination)
  }

  /// Makes everything durable and visible.
  ///
  /// - Returns: the names of the files, the index last.
  @discardableResult
  public func finish() throws -> [String] {
    for name in order {
      guard let tensor = tensors[name] else { continue }
      let elements = tensor.information.elementCount
      guard tensor.written == elements else {
        throw CheckpointError.unwritten(name: name, written: tensor.written, elements: elements)
      }
    }
    for file in files { try file.publish() }
    files = []
    var names = placement.files.map(\.name)
    if let index = placement.index {
      try PublishedFile.write(index.text, folder: folder, name: index.name)
      names.append(index.name)
    }
    return names
  }

  private func destination(_ name: String, adding count: Int) throws -> Destination {
    guard let destination = tensors[name] else {
      throw CheckpointError.noSuchTensor(name: name, nearest: suggestion(for: name, among: order))
    }
    let elements = destination.information.elementCount
    guard !files.isEmpty, destination.written + count <= elements else {
      throw CheckpointError.wrongCount(
        name: name, found: destination.written + count, expected: elements)
    }
    return destination
  }

  private func put(_ bytes: RawSpan, _ destination: inout Destination) throws(CheckpointError) {
    let bits = destination.information.elementType.bits
    let offset = destination.offset + destination.written * bits / 8
    try files[destination.shard].write(bytes, at: offset)
    destination.written += bytes.byteCount * 8 / bits
    tensors[destination.information.name] = destination
  }
}
