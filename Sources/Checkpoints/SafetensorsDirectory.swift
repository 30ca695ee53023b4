import JSON
import OrderedCollections

/// The weights of a folder: one safetensors file, or shards and the index that names them.
public final class SafetensorsDirectory: TensorSource {
  public let path: String
  /// The tensors, shard after shard in the order of the shards' names.
  public let tensors: [TensorInformation]

  private let shards: [SafetensorsFile]
  /// Which shard a tensor is in.
  private let places: [String: Int]

  /// Opens `<baseName>.safetensors`, or else `<baseName>.safetensors.index.json` and its shards.
  ///
  /// Its links may end in this folder and in the trusted ones.
  public convenience init(
    path: String, baseName: String = "model", trustedRoots: [String] = []
  ) throws {
    try self.init(
      ConfinedDirectory(path: path, trustedRoots: trustedRoots), baseName: baseName)
  }

  init(_ directory: ConfinedDirectory, baseName: String) throws(CheckpointError) {
    path = directory.path
    let single = "\(baseName).safetensors"
    let index = "\(single).index.json"
    if !directory.holds(single), directory.holds(index) {
      let names = try ShardIndex(directory, index)
      shards = try names.open(directory)
    } else {
      if !directory.holds(single) {
        for name in try directory.names() {
          if let error = refusal(of: directory.path(of: name)), !name.hasPrefix("training_args") {
            throw error
          }
        }
      }
      shards = [
        try SafetensorsFile(
          directory.map(single, purpose: "a safetensors file, or \(index) and its shards"))
      ]
    }
    tensors = shards.flatMap(\.tensors)
    var places: [String: Int] = [:]
    for (index, shard) in shards.enumerated() {
      for tensor in shard.tensors { places[tensor.name] = index }
    }
    self.places = places
  }

  public func information(_ name: String) -> TensorInformation? {
    places[name].flatMap { shards[$0].information(name) }
  }

  public func withBytes<R>(_ name: String, _ body: (RawSpan) throws -> R) throws -> R {
    try shard(of: name).withBytes(name, body)
  }

  public func readFloats(
    _ name: String, elements: Range<Int>, into floats: inout MutableSpan<Float>
  ) throws {
    try shard(of: name).readFloats(name, elements: elements, into: &floats)
  }

  public var identity: [String] { shards.flatMap(\.identity) }

  public func release(_ name: String) { places[name].map { shards[$0].release(name) } }

  public func prefetch(_ name: String) { places[name].map { shards[$0].prefetch(name) } }

  private func shard(of name: String) throws(CheckpointError) -> SafetensorsFile {
    guard let place = places[name] else {
      throw .noSuchTensor(name: name, nearest: nearestName(to: name))
    }
    return shards[place]
  }
}

/// `model.safetensors.index.json`: which tensor stands in which shard.
private struct ShardIndex {
  let path: String
  /// Tensor and shard, in the index's order.
  var places: [(tensor: String, shard: String)] = []

  init(_ directory: ConfinedDirectory, _ name: String) throws(CheckpointError) {
    path = directory.path(of: name)
    let document = try directory.json(
      name, purpose: "an index of shards", limit: SafetensorsHeader.headerLimit)
    guard let map = document["weight_map"]?.object else {
      throw .content(
        path: path, key: "weight_map", found: document["weight_map"]?.kind ?? "nothing",
        expected: "an object of tensor names and file names")
    }
    for (tensor, value) in map {
      guard let shard = value.string, ShardIndex.isBaseName(shard) else {
        throw .content(
          path: path, key: "weight_map.\(tensor)", found: value.serialized(),
          expected: "the plain name of a .safetensors file in the same folder")
      }
      places.append((tensor, shard))
    }
  }

  /// Whether a name is `[A-Za-z0-9._-]+\.safetensors`: it cannot lead out of the folder.
  static func isBaseName(_ name: String) -> Bool {
    let allowed = name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "-"):
        true
      default: false
      }
    }
    return allowed && name.hasSuffix(".safetensors") && name.utf8.count > ".safetensors".utf8.count
  }

  /// Opens the shards by the order of their names, and compares what they hold with the index.
  func open(_ directory: ConfinedDirectory) throws(CheckpointError) -> [SafetensorsFile] {
    var shardOf: [String: String] = [:]
    for place in places { shardOf[place.tensor] = place.shard }
    let names = Set(places.map(\.shard)).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    var shards: [SafetensorsFile] = []
    var held: Set<String> = []
    for name in names {
      let shard = try SafetensorsFile(
        directory.map(name, purpose: "the shard that \(path) names"))
      for tensor in shard.tensors {
        guard shardOf[tensor.name] == name else {
          throw .extraTensor(path: path, tensor: tensor.name, shard: name)
        }
        held.insert(tensor.name)
      }
      shards.append(shard)
    }
    for place in places where !held.contains(place.tensor) {
      throw .missingTensor(path: path, tensor: place.tensor, shard: place.shard)
    }
    return shards
  }
}
