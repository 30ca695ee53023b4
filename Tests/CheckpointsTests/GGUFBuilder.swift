/// A GGUF file put together byte by byte.
struct GGUFBuilder {
  var version: UInt32 = 3
  var keys: [(name: String, type: UInt32, bytes: [UInt8])] = []
  var tensors: [(name: String, shape: [Int], type: UInt32, bytes: [UInt8])] = []

  static func text(_ text: String) -> [UInt8] {
    littleEndian(UInt64(text.utf8.count)) + Array(text.utf8)
  }

  mutating func set(_ name: String, _ value: Int) {
    keys.append((name, 4, littleEndian(UInt32(value))))
  }
  mutating func set(_ name: String, _ value: Float) {
    keys.append((name, 6, littleEndian(value.bitPattern)))
  }
  mutating func set(_ name: String, _ value: String) { keys.append((name, 8, Self.text(value))) }
  mutating func set(_ name: String, _ value: Bool) { keys.append((name, 7, [value ? 1 : 0])) }
  mutating func set(_ name: String, _ values: [String]) {
    let bytes = littleEndian(UInt32(8)) + littleEndian(UInt64(values.count))
    keys.append((name, 9, bytes + values.flatMap(Self.text)))
  }
  mutating func set(_ name: String, _ values: [Int32]) {
    let bytes = littleEndian(UInt32(5)) + littleEndian(UInt64(values.count))
    keys.append((name, 9, bytes + values.flatMap { littleEndian($0) }))
  }
  mutating func set(_ name: String, _ values: [Float]) {
    let bytes = littleEndian(UInt32(6)) + littleEndian(UInt64(values.count))
    keys.append((name, 9, bytes + values.flatMap { littleEndian($0.bitPattern) }))
  }

  /// Shapes are outermost first here, as everywhere but in the file.
  mutating func add(_ name: String, _ shape: [Int], _ type: UInt32, _ bytes: [UInt8]) {
    tensors.append((name, shape, type, bytes))
  }
  mutating func add(_ name: String, _ shape: [Int], _ values: [Float]) {
    add(name, shape, 0, values.flatMap { littleEndian($0.bitPattern) })
  }

  var bytes: [UInt8] {
    var bytes = Array("GGUF".utf8) + littleEndian(version)
    bytes += littleEndian(UInt64(tensors.count)) + littleEndian(UInt64(keys.count))
    for key in keys { bytes += Self.text(key.name) + littleEndian(key.type) + key.bytes }
    var offset = 0
    for tensor in tensors {
      bytes += Self.text(tensor.name) + littleEndian(UInt32(tensor.shape.count))
      for size in tensor.shape.reversed() { bytes += littleEndian(UInt64(size)) }
      bytes += littleEndian(tensor.type) + littleEndian(UInt64(offset))
      offset += (tensor.bytes.count + 31) / 32 * 32
    }
    for tensor in tensors {
      while bytes.count % 32 != 0 { bytes.append(0) }
      bytes += tensor.bytes
    }
    return bytes
  }

  /// A llama of one layer with one head pair of size 4: what the reader wants at least.
  static func llama() -> GGUFBuilder {
    var builder = GGUFBuilder()
    builder.set("general.architecture", "llama")
    builder.set("llama.embedding_length", 8)
    builder.set("llama.feed_forward_length", 16)
    builder.set("llama.block_count", 1)
    builder.set("llama.context_length", 64)
    builder.set("llama.attention.head_count", 2)
    builder.set("llama.attention.head_count_kv", 1)
    builder.set("llama.attention.layer_norm_rms_epsilon", Float(1e-5))
    builder.set("llama.rope.freq_base", Float(100000))
    builder.set("llama.vocab_size", 5)
    return builder
  }
}
