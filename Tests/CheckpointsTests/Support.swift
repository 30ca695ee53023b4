import Checkpoints
import Glibc
import Testing

/// A folder of its own for one test, removed with it.
final class Scratch {
  let path: String

  init() throws {
    var template = Array("/tmp/checkpoints-test-XXXXXX".utf8CString)
    let made = try template.withUnsafeMutableBufferPointer { name in
      mkdtemp(try #require(name.baseAddress))
    }
    path = String(cString: try #require(made))
  }

  deinit { Scratch.remove(path) }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  func folder(_ name: String) -> String {
    mkdir(file(name), 0o755)
    return file(name)
  }

  @discardableResult
  func write(_ bytes: [UInt8], _ name: String) throws -> String {
    let stream = try #require(fopen(file(name), "w"))
    defer { fclose(stream) }
    #expect(fwrite(bytes, 1, bytes.count, stream) == bytes.count)
    return file(name)
  }

  @discardableResult
  func write(_ text: String, _ name: String) throws -> String { try write(Array(text.utf8), name) }

  func read(_ name: String) throws -> [UInt8] {
    let stream = try #require(fopen(file(name), "r"))
    defer { fclose(stream) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = fread(&bytes, 1, bytes.count, stream)
    return Array(bytes.prefix(count))
  }

  /// What is in the folder, sorted; `.` and `..` left out.
  func names() throws -> [String] { try Scratch.names(path) }

  private static func names(_ path: String) throws -> [String] {
    let directory = try #require(opendir(path))
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
        tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  private static func remove(_ path: String) {
    for name in (try? names(path)) ?? [] {
      let inner = "\(path)/\(name)"
      if unlink(inner) != 0 { remove(inner) }
    }
    rmdir(path)
  }
}

/// A small generator for mutations; the same seed gives the same files.
struct Mutations {
  var state: UInt64

  /// SplitMix64.
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }

  mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(max(limit, 1))) }

  /// The bytes with a few of them changed, cut or repeated.
  mutating func mutate(_ original: [UInt8]) -> [UInt8] {
    var bytes = original
    for _ in 0...below(4) where !bytes.isEmpty {
      let place = below(bytes.count)
      switch below(6) {
      case 0: bytes[place] = UInt8(truncatingIfNeeded: next())
      case 1: bytes[place] ^= 1 << UInt8(below(8))
      case 2: bytes.removeSubrange(place..<min(bytes.count, place + 1 + below(16)))
      case 3: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 16)], at: place)
      case 4: bytes.removeLast(below(bytes.count))
      default:
        for index in place..<min(bytes.count, place + 8) { bytes[index] = 0xFF }
      }
    }
    return bytes
  }
}

func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian) { Array($0) }
}

/// A safetensors file from its header's text and its data.
func safetensors(_ header: String, _ data: [UInt8]) -> [UInt8] {
  littleEndian(UInt64(header.utf8.count)) + Array(header.utf8) + data
}

/// The fault of a safetensors file; nil where it is sound.
func fault(_ bytes: [UInt8]) throws -> SafetensorsFault? {
  let scratch = try Scratch()
  let path = try scratch.write(bytes, "model.safetensors")
  do {
    _ = try SafetensorsFile(path: path)
    return nil
  } catch CheckpointError.safetensors(path, let fault) {
    return fault
  }
}
