public import JSON

/// A GGUF file of a llama or qwen2 model, seen as a Hugging Face checkpoint.
///
/// Tensors carry Hugging Face's names and row order: llama.cpp's converter interleaves the rows of
/// llama's query and key projections for its own rotary embedding, which is undone here. Blocks
/// are widened to float32 as they are read.
public final class GGUFFile: TensorSource {
  public let path: String
  public let tensors: [TensorInformation]
  /// Everything that the file says about itself, by GGUF's keys.
  public let metadata: [String: GGUFValue]
  /// The model's settings as `config.json` has them.
  public let config: JSON

  private let file: MappedFile
  private let entries: [GGUFHeader.Entry]
  private let headsOfEntry: [Int?]
  private let places: [String: Int]

  /// Opens and checks a file.
  ///
  /// - Throws: `CheckpointError.gguf` with what is wrong; `.missing`, `.notARegularFile`, `.system`
  ///   where it cannot be opened.
  public init(path: String) throws {
    let file = try MappedFile(path: path, purpose: "a GGUF file")
    let contents = try GGUFFile.contents(file)
    self.path = path
    self.file = file
    metadata = contents.metadata
    config = contents.config
    entries = contents.entries
    tensors = contents.tensors
    headsOfEntry = contents.heads
    var places: [String: Int] = [:]
    for (index, tensor) in contents.tensors.enumerated() { places[tensor.name] = index }
    self.places = places
  }

  private struct Contents {
    var metadata: [String: GGUFValue]
    var config: JSON
    var entries: [GGUFHeader.Entry] = []
    var heads: [Int?] = []
    var tensors: [TensorInformation] = []
  }

  private static func contents(_ file: MappedFile) throws(CheckpointError) -> Contents {
    do throws(GGUFFault) {
      return try checkedContents(file)
    } catch {
      throw .gguf(path: file.path, error)
    }
  }

  private static func checkedContents(_ file: MappedFile) throws(GGUFFault) -> Contents {
    let header = try GGUFHeader(file)
    let architecture = try GGUFArchitecture(header)
    var contents = Contents(metadata: header.metadata, config: try architecture.config())
    for entry in header.entries {
      guard let name = try architecture.huggingFaceName(entry.name) else { continue }
      contents.entries.append(entry)
      contents.heads.append(try architecture.interleavedHeads(entry))
      contents.tensors.append(
        TensorInformation(name: name, elementType: entry.encoding.elementType, shape: entry.shape))
    }
    return contents
  }

  public func information(_ name: String) -> TensorInformation? { places[name].map { tensors[$0] } }

  public var identity: [String] { ["\(file.identity)"] }

  public func release(_ name: String) {
    if let index = places[name] { file.release(entries[index].bytes) }
  }

  public func prefetch(_ name: String) {
    if let index = places[name] { file.prefetch(entries[index].bytes) }
  }

  public func withBytes<R>(_ name: String, _ body: (RawSpan) throws -> R) throws -> R {
    let index = try place(name)
    let entry = entries[index]
    if entry.encoding.blockElements == 1, headsOfEntry[index] == nil {
      return try file.withBytes(entry.bytes, body)
    }
    return try widenedBytes(name, entry).withUnsafeBytes { try body($0.bytes) }
  }

  /// A tensor's values in its rows' right order, as its type.
  @inline(never)
  private func widenedBytes(_ name: String, _ entry: GGUFHeader.Entry) throws -> [UInt8] {
    let values = try floats(name)
    return FloatConversion.encode(values.span, as: entry.encoding.elementType)
  }

  public func readFloats(
    _ name: String, elements: Range<Int>, into floats: inout MutableSpan<Float>
  ) throws {
    let index = try place(name)
    try tensors[index].check(elements, room: floats.count)
    let entry = entries[index]
    // A vector that is interleaved (a bias) is a matrix of one column.
    let columns = entry.shape.count == 1 && headsOfEntry[index] != nil ? 1 : entry.shape.last ?? 1
    var position = elements.lowerBound
    while position < elements.upperBound {
      let row = position / columns
      var end = min((row + 1) * columns, elements.upperBound)
      var source = row
      if let heads = headsOfEntry[index] {
        source = GGUFArchitecture.interleavedRow(row, rows: entry.shape[0], heads: heads)
      } else {
        end = elements.upperBound
      }
      let start = source * columns + position - row * columns
      let room = position - elements.lowerBound..<end - elements.lowerBound
      floats.withUnsafeMutableBufferPointer { buffer in
        var part = UnsafeMutableBufferPointer(rebasing: buffer[room]).mutableSpan
        read(entry, start..<start + room.count, into: &part)
      }
      position = end
    }
    // The values have been copied; the file would stand in memory a second time.
    if elements.count == tensors[index].elementCount { file.release(entry.bytes) }
  }

  public func quantizedRow(_ name: String, row: Int) -> QuantizedRow? {
    guard let index = places[name], entries[index].shape.count == 2,
      (0..<entries[index].shape[0]).contains(row)
    else { return nil }
    let entry = entries[index]
    let source =
      headsOfEntry[index].map {
        GGUFArchitecture.interleavedRow(row, rows: entry.shape[0], heads: $0)
      } ?? row
    let size = entry.shape[1] / entry.encoding.blockElements * entry.encoding.blockBytes
    let start = entry.bytes.lowerBound + source * size
    return file.withBytes(start..<start + size) { entry.encoding.quantizedRow($0) }
  }

  /// Reads consecutive elements of the file, which need not be whole blocks.
  private func read(
    _ entry: GGUFHeader.Entry, _ elements: Range<Int>, into floats: inout MutableSpan<Float>
  ) {
    let size = entry.encoding.blockElements
    let first = elements.lowerBound / size
    let last = (elements.upperBound + size - 1) / size
    let start = entry.bytes.lowerBound + first * entry.encoding.blockBytes
    let end = entry.bytes.lowerBound + last * entry.encoding.blockBytes
    if elements.lowerBound == first * size, elements.upperBound == last * size {
      file.withBytes(start..<end) { entry.encoding.decode($0, into: &floats) }
      return
    }
    var whole = [Float](repeating: 0, count: (last - first) * size)
    var span = whole.mutableSpan
    file.withBytes(start..<end) { entry.encoding.decode($0, into: &span) }
    let skipped = elements.lowerBound - first * size
    for index in 0..<floats.count { floats[index] = whole[skipped + index] }
  }

  private func place(_ name: String) throws(CheckpointError) -> Int {
    guard let place = places[name] else {
      throw .noSuchTensor(name: name, nearest: nearestName(to: name))
    }
    return place
  }
}
