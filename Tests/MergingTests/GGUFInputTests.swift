import Checkpoints
import Foundation
import Testing

@testable import Merging

/// Models in GGUF, quantised or not, are merged as what their numbers stand for.
@Suite struct GGUFInputTests {
  private let fixture: Fixture

  init() throws { fixture = try Fixture() }

  /// A llama of one layer, 32 wide, with two heads; four tokens.
  private func write(_ name: String, embedding: (type: UInt32, bytes: [UInt8]), norm: Float) throws
  {
    var file = SmallGGUF()
    file.set("general.architecture", "llama")
    for (key, value) in [
      ("embedding_length", 32), ("feed_forward_length", 32), ("block_count", 1),
      ("context_length", 64), ("attention.head_count", 2), ("attention.head_count_kv", 1),
      ("vocab_size", 4),
    ] {
      file.set("llama.\(key)", value)
    }
    file.set("llama.attention.layer_norm_rms_epsilon", Float(1e-5))
    file.set("llama.rope.freq_base", Float(10_000))
    file.add("token_embd.weight", [4, 32], embedding.type, embedding.bytes)
    file.add("output_norm.weight", [32], [Float](repeating: norm, count: 32))
    // In the file a head's rows are 0 8 1 9 … of Hugging Face's; each row holds its number there.
    let rows = (0..<32).flatMap { row -> [Float] in
      let (head, place) = (row / 16, row % 16)
      let number = head * 16 + (place % 2) * 8 + place / 2
      return [Float](repeating: Float(number), count: 32)
    }
    file.add("blk.0.attn_q.weight", [32, 32], rows)
    try Data(file.bytes).write(to: URL(fileURLWithPath: "\(fixture.path)/\(name)"))
  }

  /// Q4_1 with scale 2 and minimum −1: element i of the first half of a row is 2i − 1, the second half runs down again.
  private let quantised: (type: UInt32, bytes: [UInt8]) = {
    let head: [UInt8] = [0x00, 0x40, 0x00, 0xBC]
    let quanta = (0..<16).map { (low: Int) -> UInt8 in UInt8(low + (15 - low) * 16) }
    return (3, [[UInt8]](repeating: head + quanta, count: 4).flatMap { $0 })
  }()

  /// float16 throughout: 0x3C00 is 1.
  private let ones: (type: UInt32, bytes: [UInt8]) = (
    1, [[UInt8]](repeating: [0x00, 0x3C], count: 128).flatMap { $0 }
  )

  @Test func quantisedAndPlainFilesAreMergedByTheirNumbers() throws {
    try write("a.gguf", embedding: quantised, norm: 1)
    try write("b.gguf", embedding: ones, norm: 3)
    let plan = try fixture.plan(
      """
      merge_method: linear
      models:
        - {model: a.gguf, parameters: {weight: 0.5}}
        - {model: b.gguf, parameters: {weight: 0.5}}
      dtype: float32
      """)
    try plan.execute(output: "\(fixture.path)/out")
    let weights = try HuggingFaceDirectory(path: "\(fixture.path)/out").weights()
    let rising = (0..<16).map { Float($0) }
    let row: [Float] = rising + rising.reversed()
    let embedding = try weights.floats("model.embed_tokens.weight")
    #expect(embedding == [[Float]](repeating: row, count: 4).flatMap { $0 })
    #expect(try weights.floats("model.norm.weight") == [Float](repeating: 2, count: 32))
    let queries = try weights.floats("model.layers.0.self_attn.q_proj.weight")
    for row in 0..<32 { #expect(queries[row * 32] == Float(row)) }
    let config = try fixture.text("out/config.json")
    #expect(config.contains(#""model_type": "llama""#))
  }

  /// A task vector between files of two kinds: θ₀ + (a − θ₀) is a.
  @Test func changesAreCountedFromAFileOfAnotherKind() throws {
    try write("a.gguf", embedding: quantised, norm: 1)
    try write("b.gguf", embedding: ones, norm: 3)
    let plan = try fixture.plan(
      "merge_method: task_arithmetic\nbase_model: b.gguf\n"
        + "models: [{model: a.gguf, parameters: {weight: 1}}]")
    let values = try fixture.values(plan, "model.embed_tokens.weight")
    #expect(values.prefix(3) == [-1, 1, 3])
  }

  @Test func aFileCutShortIsRefused() throws {
    try write("a.gguf", embedding: quantised, norm: 1)
    let path = URL(fileURLWithPath: "\(fixture.path)/a.gguf")
    try Data(contentsOf: path).dropLast(64).write(to: path)
    let complaint = fixture.complaint(
      "merge_method: linear\nmodels: [{model: a.gguf, parameters: {weight: 1}}]")
    #expect(complaint.contains("a.gguf: at byte"))
    #expect(complaint.contains("download it again"))
    #expect(try fixture.names == ["a.gguf"])
  }
}

/// A GGUF file of version 3, put together byte by byte.
private struct SmallGGUF {
  private var keys: [[UInt8]] = []
  private var tensors: [(name: String, shape: [Int], type: UInt32, bytes: [UInt8])] = []

  mutating func set(_ name: String, _ value: String) {
    keys.append(Self.text(name) + Self.number(UInt32(8)) + Self.text(value))
  }

  mutating func set(_ name: String, _ value: Int) {
    keys.append(Self.text(name) + Self.number(UInt32(4)) + Self.number(UInt32(value)))
  }

  mutating func set(_ name: String, _ value: Float) {
    keys.append(Self.text(name) + Self.number(UInt32(6)) + Self.number(value.bitPattern))
  }

  /// Shapes are outermost first here, as everywhere but in the file.
  mutating func add(_ name: String, _ shape: [Int], _ type: UInt32, _ bytes: [UInt8]) {
    tensors.append((name, shape, type, bytes))
  }

  mutating func add(_ name: String, _ shape: [Int], _ values: [Float]) {
    add(name, shape, 0, values.flatMap { Self.number($0.bitPattern) })
  }

  var bytes: [UInt8] {
    var bytes = Array("GGUF".utf8) + Self.number(UInt32(3))
    bytes += Self.number(UInt64(tensors.count)) + Self.number(UInt64(keys.count))
    bytes += keys.flatMap { $0 }
    var offset = 0
    for tensor in tensors {
      bytes += Self.text(tensor.name) + Self.number(UInt32(tensor.shape.count))
      for size in tensor.shape.reversed() { bytes += Self.number(UInt64(size)) }
      bytes += Self.number(tensor.type) + Self.number(UInt64(offset))
      offset += (tensor.bytes.count + 31) / 32 * 32
    }
    for tensor in tensors {
      while bytes.count % 32 != 0 { bytes.append(0) }
      bytes += tensor.bytes
    }
    return bytes
  }

  private static func text(_ text: String) -> [UInt8] {
    number(UInt64(text.utf8.count)) + Array(text.utf8)
  }

  private static func number(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }
}
