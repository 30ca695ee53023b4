import Checkpoints
import Glibc
import JSON
import Testing

struct SafetensorsWriterTests {
  private func tensor(_ name: String, _ type: ElementType, _ shape: [Int]) -> TensorInformation {
    TensorInformation(name: name, elementType: type, shape: shape)
  }

  /// By type, larger first, then by name: b (F32), then a and c (BF16), then d (F16).
  @Test func theBytesAreThoseOfTheReferenceWriter() throws {
    let scratch = try Scratch()
    let writer = try SafetensorsWriter(
      folder: scratch.path,
      tensors: [
        tensor("c", .bfloat16, [1]), tensor("b", .float32, [1]), tensor("a", .bfloat16, [2]),
        tensor("d", .float16, []),
      ])
    try writer.write("a", [1, 2].span)
    try writer.write("b", [1].span)
    try writer.write("c", [-1].span)
    try writer.write("d", [1].span)
    #expect(try writer.finish() == ["model.safetensors"])
    let header =
      #"{"__metadata__":{"format":"pt"},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"#
      + #""a":{"dtype":"BF16","shape":[2],"data_offsets":[4,8]},"#
      + #""c":{"dtype":"BF16","shape":[1],"data_offsets":[8,10]},"#
      + #""d":{"dtype":"F16","shape":[],"data_offsets":[10,12]}}"#
    let padded = header + String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
    let data: [UInt8] = [0, 0, 0x80, 0x3F, 0x80, 0x3F, 0, 0x40, 0x80, 0xBF, 0, 0x3C]
    #expect(try scratch.read("model.safetensors") == safetensors(padded, data))
    #expect(try scratch.names() == ["model.safetensors"])
  }

  @Test func whatIsWrittenIsReadBack() throws {
    let scratch = try Scratch()
    let values = (0..<100).map { Float($0) * 0.37 - 11 }
    let types: [ElementType] = [.float32, .bfloat16, .float16, .float64]
    let writer = try SafetensorsWriter(
      folder: scratch.path, tensors: types.map { tensor($0.rawValue, $0, [10, 10]) })
    for type in types {
      try writer.write(type.rawValue, values.span.extracting(first: 37))
      try writer.write(type.rawValue, values.span.extracting(droppingFirst: 37))
    }
    try writer.finish()
    let file = try SafetensorsFile(path: scratch.file("model.safetensors"))
    #expect(try file.floats("F32") == values)
    #expect(try file.floats("F64") == values)
    let halves = values.map { Float(Float16($0)) }
    #expect(try file.floats("F16") == halves)
    var part = [Float](repeating: 0, count: 7)
    var span = part.mutableSpan
    try file.readFloats("BF16", elements: 40..<47, into: &span)
    for (read, value) in zip(part, values[40..<47]) {
      #expect(abs(read - value) <= abs(value) / 256)
    }
    #expect(throws: CheckpointError.wrongRange(name: "F32", found: 99..<101, elements: 100)) {
      var two: [Float] = [0, 0]
      var room = two.mutableSpan
      try file.readFloats("F32", elements: 99..<101, into: &room)
    }
  }

  /// bfloat16 keeps 8 significant bits: 1 + 2⁻⁸ is a tie between 1 and 1 + 2⁻⁷ and goes to the even
  /// 1; 1 + 3·2⁻⁸ is a tie and goes up to 1 + 2⁻⁶.
  @Test func roundingIsToNearestEven() throws {
    let scratch = try Scratch()
    let values: [Float] = [
      1 + 0x1p-8, 1 + 3 * 0x1p-8, 1 + 0x1.1p-8, .greatestFiniteMagnitude, -.infinity, .nan, -0.0,
    ]
    let writer = try SafetensorsWriter(
      folder: scratch.path,
      tensors: [tensor("b", .bfloat16, [7]), tensor("h", .float16, [2])])
    try writer.write("b", values.span)
    let halves: [Float] = [1 + 0x1p-11, 65520]
    try writer.write("h", halves.span)
    try writer.finish()
    let file = try SafetensorsFile(path: scratch.file("model.safetensors"))
    let read = try file.floats("b")
    let expected: [Float] = [1, 1 + 0x1p-6, 1 + 0x1p-7, .infinity, -.infinity]
    #expect(Array(read[..<5]) == expected)
    #expect(read[5].isNaN)
    #expect(read[6] == 0 && read[6].sign == .minus)
    #expect(try file.floats("h") == [1, .infinity])
  }

  @Test func aLargeModelIsSharded() throws {
    let scratch = try Scratch()
    let names: [String] = ["x", "y", "z"]
    let writer = try SafetensorsWriter(
      folder: scratch.path, tensors: names.map { tensor($0, .float32, [2]) }, shardLimit: 16)
    for name in names.reversed() { try writer.write(name, [1, 2].span) }
    #expect(
      try writer.finish() == [
        "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors",
        "model.safetensors.index.json",
      ])
    let index = try JSON(parsing: scratch.read("model.safetensors.index.json"))
    #expect(index["metadata"]?["total_size"]?.int == 24)
    #expect(index["weight_map"]?["z"]?.string == "model-00002-of-00002.safetensors")
    let directory = try SafetensorsDirectory(path: scratch.path)
    #expect(directory.tensors.map(\.name) == names)
    #expect(try directory.floats("z") == [1, 2])
  }

  @Test func anUnfinishedWriterLeavesNothing() throws {
    let scratch = try Scratch()
    do {
      let writer = try SafetensorsWriter(
        folder: scratch.path, tensors: [tensor("a", .float32, [2])])
      try writer.write("a", [1].span)
      #expect(try scratch.names().count == 1)
      #expect(throws: CheckpointError.unwritten(name: "a", written: 1, elements: 2)) {
        try writer.finish()
      }
      #expect(throws: CheckpointError.wrongCount(name: "a", found: 3, expected: 2)) {
        try writer.write("a", [1, 2].span)
      }
    }
    #expect(try scratch.names().isEmpty)
  }

  @Test func equalDeclarationsAndMissingFoldersAreRefused() throws {
    let scratch = try Scratch()
    #expect(throws: CheckpointError.duplicateTensor(name: "a")) {
      try SafetensorsWriter(
        folder: scratch.path,
        tensors: [tensor("a", .float32, [2]), tensor("a", .float32, [2])])
    }
    #expect {
      try SafetensorsWriter(folder: scratch.file("no"), tensors: [])
    } throws: { ($0 as? CheckpointError)?.isMissingInput == true }
  }
}
