import JSON
import OrderedCollections

/// Where the tensors of one file go, and the header that says so.
///
/// Equal declarations give equal bytes, and those of the reference writer: tensors by type, larger
/// first, then by name; the header padded with spaces to eight bytes.
struct SafetensorsLayout {
  let name: String
  let header: [UInt8]
  /// The tensors in the order of their bytes, and where each starts in the file.
  let tensors: [(information: TensorInformation, offset: Int)]
  let dataBytes: Int

  init(
    name: String, tensors: [TensorInformation], metadata: [(key: String, value: String)]
  ) throws(CheckpointError) {
    self.name = name
    let ordered = tensors.sorted { left, right in
      left.elementType == right.elementType
        ? left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
        : left.elementType.rank > right.elementType.rank
    }
    var members = OrderedDictionary<String, JSON>()
    if !metadata.isEmpty {
      let pairs = metadata.map { ($0.key, JSON.string($0.value)) }
      members["__metadata__"] = .object(
        OrderedDictionary(pairs, uniquingKeysWith: { _, last in last }))
    }
    var offset = 0
    var offsets: [Int] = []
    for tensor in ordered {
      let (end, overflow) = offset.addingReportingOverflow(try tensor.checkedByteCount())
      guard !overflow else {
        throw .invalidDeclaration(name: tensor.name, reason: "the file would overflow 64 bits")
      }
      members[tensor.name] = [
        "dtype": .string(tensor.elementType.rawValue),
        "shape": .array(tensor.shape.map(JSON.integer)),
        "data_offsets": [.integer(offset), .integer(end)],
      ]
      offsets.append(offset)
      offset = end
    }
    let start = SafetensorsLayout.headerBytes(members)
    header = start
    self.tensors = zip(ordered, offsets).map { ($0, $1 + start.count) }
    dataBytes = offset
  }

  private static func headerBytes(_ members: OrderedDictionary<String, JSON>) -> [UInt8] {
    var text = Array(JSON.object(members).serialized(.compact).utf8)
    while text.count % 8 != 0 { text.append(UInt8(ascii: " ")) }
    let length = (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) }
    return length + text
  }

  /// The files for these tensors: one, or as many shards as it takes to hold each under the limit.
  ///
  /// Tensors go into shards in the order in which they were declared, so a layer stays together; a
  /// tensor above the limit gets a shard of its own.
  static func plan(
    _ tensors: [TensorInformation], baseName: String, metadata: [(key: String, value: String)],
    shardLimit: Int
  ) throws(CheckpointError) -> [SafetensorsLayout] {
    var names: Set<String> = []
    var groups: [[TensorInformation]] = [[]]
    var size = 0
    for tensor in tensors {
      guard names.insert(tensor.name).inserted else { throw .duplicateTensor(name: tensor.name) }
      let bytes = try tensor.checkedByteCount()
      let (total, overflow) = size.addingReportingOverflow(bytes)
      if overflow || total > shardLimit, groups.last?.isEmpty == false {
        groups.append([])
        size = 0
      }
      groups[groups.count - 1].append(tensor)
      size = size.addingReportingOverflow(bytes).partialValue
    }
    var layouts: [SafetensorsLayout] = []
    for (index, group) in groups.enumerated() {
      let name =
        groups.count == 1
        ? "\(baseName).safetensors"
        : "\(baseName)-\(fiveDigits(index + 1))-of-\(fiveDigits(groups.count)).safetensors"
      layouts.append(try SafetensorsLayout(name: name, tensors: group, metadata: metadata))
    }
    return layouts
  }

  private static func fiveDigits(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
  }
}

extension TensorInformation {
  /// The size of a tensor that is to be written, or why it cannot be.
  fileprivate func checkedByteCount() throws(CheckpointError) -> Int {
    var elements = 1
    for size in shape {
      let (product, overflow) = elements.multipliedReportingOverflow(by: size)
      guard size >= 0, !overflow else {
        throw .invalidDeclaration(name: name, reason: "cannot write the shape \(shape)")
      }
      elements = product
    }
    guard let bytes = elementType.byteCount(elements: elements) else {
      throw .invalidDeclaration(
        name: name, reason: "\(elements) elements of \(elementType.rawValue) are no whole bytes")
    }
    guard !name.isEmpty, name != "__metadata__", name.utf8.count <= SafetensorsHeader.nameLimit
    else {
      throw .invalidDeclaration(
        name: name, reason: "expected a name of 1 to \(SafetensorsHeader.nameLimit) bytes")
    }
    return bytes
  }
}
