/// One safetensors file, mapped into memory and checked before anything is read from it.
public final class SafetensorsFile: TensorSource {
  public let path: String
  public let tensors: [TensorInformation]
  /// `__metadata__`, in the header's order.
  public let metadata: [(key: String, value: String)]

  /// From how many bytes on a read's pages are given back at once: 1 MiB.
  private static let largeRead = 1 << 20

  private let file: MappedFile
  private let ranges: [String: (index: Int, bytes: Range<Int>)]

  /// Opens and checks a file.
  ///
  /// - Throws: `CheckpointError.safetensors` with the reference reader's name for the fault;
  ///   `.missing`, `.notARegularFile`, `.system` where it cannot be opened.
  public convenience init(path: String) throws {
    if let error = refusal(of: path) { throw error }
    try self.init(MappedFile(path: path, purpose: "a safetensors file"))
  }

  init(_ file: MappedFile) throws(CheckpointError) {
    let header: SafetensorsHeader
    do throws(SafetensorsFault) {
      header = try SafetensorsHeader(file)
    } catch {
      throw .safetensors(path: file.path, error)
    }
    path = file.path
    self.file = file
    tensors = header.entries.map(\.information)
    metadata = header.metadata
    var ranges: [String: (index: Int, bytes: Range<Int>)] = [:]
    for (index, entry) in header.entries.enumerated() {
      ranges[entry.information.name] = (index, entry.bytes)
    }
    self.ranges = ranges
  }

  public func information(_ name: String) -> TensorInformation? {
    ranges[name].map { tensors[$0.index] }
  }

  public func withBytes<R>(_ name: String, _ body: (RawSpan) throws -> R) throws -> R {
    try file.withBytes(try place(name).bytes, body)
  }

  public func readFloats(
    _ name: String, elements: Range<Int>, into floats: inout MutableSpan<Float>
  ) throws {
    let (index, bytes) = try place(name)
    let information = tensors[index]
    guard information.elementType.isConvertibleToFloat else {
      throw CheckpointError.notFloats(name: name, elementType: information.elementType)
    }
    try information.check(elements, room: floats.count)
    let size = information.elementType.bits / 8
    let start = bytes.lowerBound + elements.lowerBound * size
    let read = start..<start + elements.count * size
    file.withBytes(read) { span in
      FloatConversion.decode(information.elementType, span, into: &floats)
    }
    // The values have been copied; the file would stand in memory a second time. Who reads a tensor in small pieces, and maybe
    // more than once, says himself when he is done.
    if read.count >= SafetensorsFile.largeRead { file.release(read) }
  }

  public var identity: [String] { ["\(file.identity)"] }

  public func release(_ name: String) {
    if let place = ranges[name] { file.release(place.bytes) }
  }

  public func prefetch(_ name: String) {
    if let place = ranges[name] { file.prefetch(place.bytes) }
  }

  private func place(_ name: String) throws -> (index: Int, bytes: Range<Int>) {
    guard let place = ranges[name] else {
      throw CheckpointError.noSuchTensor(name: name, nearest: nearestName(to: name))
    }
    return place
  }
}

extension TensorInformation {
  /// Checks that `elements` are of this tensor and that there is room for exactly them.
  func check(_ elements: Range<Int>, room: Int) throws(CheckpointError) {
    guard elements.lowerBound >= 0, elements.upperBound <= elementCount else {
      throw .wrongRange(name: name, found: elements, elements: elementCount)
    }
    guard room == elements.count else {
      throw .wrongCount(name: name, found: room, expected: elements.count)
    }
  }
}

/// Why a file is not even opened: its name says that it is a pickle.
func refusal(of path: String) -> CheckpointError? {
  let endings = [".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt"]
  return endings.contains(where: path.hasSuffix) ? .executableWeights(path: path) : nil
}
