import JSON
import OrderedCollections

/// Where every tensor of a model goes, to the byte, before anything of it is written.
///
/// Sizes are known from the declarations, so tensors can be written in any order, by several threads or processes, and what is
/// there after an interruption can be found again. `SafetensorsWriter` writes by it too: the same declarations, the same bytes.
public struct SafetensorsPlacement: Sendable {
  /// A file: how it begins, and its whole size.
  public struct File: Sendable, Equatable {
    public var name: String
    public var header: [UInt8]
    public var byteCount: Int
  }

  /// A tensor's bytes within `files[file]`.
  public struct Place: Sendable, Equatable {
    public var information: TensorInformation
    public var file: Int
    public var offset: Int
    public var byteCount: Int
  }

  public let files: [File]
  /// In the order of the declarations.
  public let places: [Place]
  /// The index that names each tensor's file; nil where there is one file only.
  public let index: (name: String, text: String)?

  private let positions: [String: Int]

  /// Places tensors in `<baseName>.safetensors`, or in as many shards as keep each under the limit.
  ///
  /// Declare them in the model's order: shards keep it. A tensor above the limit has a shard of its own.
  public init(
    tensors: [TensorInformation], baseName: String = "model",
    metadata: [(key: String, value: String)] = [("format", "pt")],
    shardLimit: Int = SafetensorsWriter.defaultShardLimit
  ) throws(CheckpointError) {
    let layouts = try SafetensorsLayout.plan(
      tensors, baseName: baseName, metadata: metadata, shardLimit: shardLimit)
    files = layouts.map {
      File(name: $0.name, header: $0.header, byteCount: $0.header.count + $0.dataBytes)
    }
    var found: [String: Place] = [:]
    for (file, layout) in layouts.enumerated() {
      for (information, offset) in layout.tensors {
        let elements = information.elementCount
        found[information.name] = Place(
          information: information, file: file, offset: offset,
          byteCount: information.elementType.byteCount(elements: elements) ?? 0)
      }
    }
    places = tensors.compactMap { found[$0.name] }
    positions = Dictionary(
      places.enumerated().map { ($1.information.name, $0) }, uniquingKeysWith: { first, _ in first }
    )
    index =
      layouts.count > 1
      ? (
        "\(baseName).safetensors.index.json",
        SafetensorsPlacement.indexText(layouts, places)
      ) : nil
  }

  public func place(of name: String) -> Place? { positions[name].map { places[$0] } }

  private static func indexText(_ layouts: [SafetensorsLayout], _ places: [Place]) -> String {
    var map = OrderedDictionary<String, JSON>()
    let ordered = places.sorted {
      $0.information.name.utf8.lexicographicallyPrecedes($1.information.name.utf8)
    }
    for place in ordered { map[place.information.name] = .string(layouts[place.file].name) }
    let size = layouts.reduce(0) { $0 + $1.dataBytes }
    let index: JSON = [
      "metadata": ["total_size": .integer(size)], "weight_map": .object(map),
    ]
    return index.serialized(.pretty) + "\n"
  }
}

extension ElementType {
  /// Rounds floats to nearest, ties to even, into little-endian elements of this type, which has to be a float type.
  public func encode(_ floats: Span<Float>) -> [UInt8] {
    precondition(isConvertibleToFloat, "\(self) is no float type")
    return FloatConversion.encode(floats, as: self)
  }
}
