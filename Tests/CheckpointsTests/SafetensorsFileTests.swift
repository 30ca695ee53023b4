import Checkpoints
import Glibc
import Testing

/// The byte-level cases of the reference reader's own tests, and the hostile ones.
struct SafetensorsFileTests {
  private let sound = #"{"test":{"dtype":"I32","shape":[2,2],"data_offsets":[0,16]}}"#
  private let zeros = [UInt8](repeating: 0, count: 16)

  @Test func aSoundFileIsRead() throws {
    let scratch = try Scratch()
    let file = try SafetensorsFile(path: scratch.write(safetensors(sound, zeros), "a.safetensors"))
    #expect(
      file.tensors == [TensorInformation(name: "test", elementType: .signed32, shape: [2, 2])])
    #expect(try file.withBytes("test") { $0.byteCount } == 16)
  }

  @Test func bytesAfterTheDataAreRefused() throws {
    let whole = safetensors(sound, zeros).count
    #expect(
      try fault(safetensors(sound, zeros + [1, 2]))
        == .metadataIncompleteBuffer(fileBytes: whole + 2, expected: whole))
  }

  /// What all tensors take counts, not only what the first that is cut short does.
  @Test func missingDataIsRefused() throws {
    let two =
      #"{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},"#
      + #""b":{"dtype":"U8","shape":[8],"data_offsets":[8,16]}}"#
    for present in [0, 6, 14] {
      let whole = safetensors(two, zeros).count
      let found = try #require(try fault(safetensors(two, Array(zeros[..<present]))))
      #expect(
        found == .metadataIncompleteBuffer(fileBytes: whole - 16 + present, expected: whole))
      #expect(
        "\(found)".hasSuffix(
          "the last \(16 - present) are missing; download it again: it should have \(whole) bytes"))
    }
  }

  /// What a clone without Git LFS leaves in the place of weights.
  @Test func aPointerToTheWeightsIsNamed() throws {
    let text = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 538090408\n"
    let found = try #require(try fault(Array(text.utf8)))
    #expect(found == .gitPointer(fileBytes: text.utf8.count))
    #expect("\(found)".contains("git lfs pull"))
  }

  @Test func aFileOfLessThanEightBytesIsRefused() throws {
    #expect(try fault([]) == .headerTooSmall(fileBytes: 0))
    #expect(try fault([1, 2, 3]) == .headerTooSmall(fileBytes: 3))
  }

  @Test func aHugeHeaderIsRefusedBeforeItIsRead() throws {
    let bytes = [UInt8](repeating: 0xFF, count: 8) + [UInt8(ascii: "{")]
    #expect(try fault(bytes) == .headerTooLarge(headerBytes: .max, limit: 100_000_000))
    #expect(
      try fault(littleEndian(UInt64(20)) + [UInt8(ascii: "{")])
        == .invalidHeaderLength(headerBytes: 20, fileBytes: 9))
  }

  @Test func aHeaderThatIsNotTextIsRefused() throws {
    #expect(try fault(littleEndian(UInt64(3)) + [0x7B, 0xFF, 0x7D]) == .invalidHeader(offset: 1))
    #expect(
      try fault(littleEndian(UInt64(1)) + [UInt8(ascii: "[")]) == .invalidHeaderStart(byte: 0x5B))
    guard case .invalidHeaderDeserialization = try fault(safetensors("{", [])) else {
      Issue.record("an open brace was taken")
      return
    }
  }

  @Test func spaceAfterTheHeaderIsTaken() throws {
    #expect(try fault(safetensors("{}\r \t\n", [])) == nil)
  }

  @Test func zeroSizedTensorsAndScalarsAreSound() throws {
    let empty = #"{"test":{"dtype":"I32","shape":[2,0],"data_offsets":[0,0]}}"#
    #expect(try fault(safetensors(empty, [])) == nil)
    let scalar = #"{"test":{"dtype":"I32","shape":[],"data_offsets":[0,4]}}"#
    #expect(try fault(safetensors(scalar, [0, 0, 0, 0])) == nil)
  }

  @Test func offsetsThatContradictTheShapeAreRefused() throws {
    let header = #"{"test":{"dtype":"I32","shape":[2,2],"data_offsets":[0,4]}}"#
    #expect(
      try fault(safetensors(header, zeros))
        == .tensorInvalidInfo(tensor: "test", found: 4, expected: 16))
    let backwards = #"{"test":{"dtype":"I32","shape":[0],"data_offsets":[4,0]}}"#
    #expect(
      try fault(safetensors(backwards, zeros))
        == .invalidOffset(tensor: "test", start: 4, expected: 0))
  }

  /// 2 × (2⁶⁴ − 2) overflows, and so do 2⁶² elements of four bytes.
  @Test func overflowingShapesAreRefused() throws {
    let wide = #"{"test":{"dtype":"I32","shape":[2,18446744073709551614],"data_offsets":[0,16]}}"#
    guard case .validationOverflow("test", _) = try fault(safetensors(wide, zeros)) else {
      Issue.record("an overflowing product was taken")
      return
    }
    let large = #"{"test":{"dtype":"I32","shape":[4611686018427387904],"data_offsets":[0,16]}}"#
    #expect(
      try fault(safetensors(large, zeros))
        == .validationOverflow(tensor: "test", shape: [4_611_686_018_427_387_904]))
  }

  @Test func overlapsAndHolesAreRefused() throws {
    let same = (0..<10).map { #""t\#($0)":{"dtype":"I32","shape":[2,2],"data_offsets":[0,16]}"# }
    #expect(
      try fault(safetensors("{\(same.joined(separator: ","))}", zeros))
        == .invalidOffset(tensor: "t1", start: 0, expected: 16))
    let hole =
      #"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"#
      + #""b":{"dtype":"U8","shape":[4],"data_offsets":[8,12]}}"#
    #expect(
      try fault(safetensors(hole, zeros)) == .invalidOffset(tensor: "b", start: 8, expected: 4))
  }

  @Test func partsOfBytesAreRefused() throws {
    let header = #"{"test":{"dtype":"F4","shape":[3],"data_offsets":[0,1]}}"#
    #expect(try fault(safetensors(header, [0])) == .misalignedSlice(tensor: "test", bits: 12))
    let whole = #"{"test":{"dtype":"F6_E2M3","shape":[4],"data_offsets":[0,3]}}"#
    #expect(try fault(safetensors(whole, [0, 0, 0])) == nil)
  }

  /// Each header is wrong in one way that the grammar or the limits forbid.
  @Test(arguments: [
    #"{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}"#,
    #"{"a":{"dtype":"I32x","shape":[0],"data_offsets":[0,0]}}"#,
    #"{"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,0]}}"#,
    #"{"a":{"dtype":"U8","shape":[1.5],"data_offsets":[0,0]}}"#,
    #"{"a":{"dtype":"U8","shape":0,"data_offsets":[0,0]}}"#,
    #"{"a":{"dtype":"U8","shape":[0],"data_offsets":[0]}}"#,
    #"{"a":{"dtype":"U8","shape":[0]}}"#,
    #"{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0],"more":1}}"#,
    #"{"a":{"dtype":"U8","shape":[0,1,1,1,1,1,1,1,1],"data_offsets":[0,0]}}"#,
    #"{"a":7}"#, #"{"__metadata__":{"format":1}}"#, #"{"__metadata__":[]}"#, #"{} x"#,
  ])
  func malformedHeadersAreRefused(_ header: String) throws {
    #expect(try fault(safetensors(header, [])) != nil)
  }

  @Test func whatIsNotARegularFileIsRefused() throws {
    let scratch = try Scratch()
    let pipe = scratch.file("pipe.safetensors")
    mkfifo(pipe, 0o600)
    #expect(throws: CheckpointError.notARegularFile(path: pipe)) { try SafetensorsFile(path: pipe) }
    #expect(throws: CheckpointError.notARegularFile(path: "/dev/zero")) {
      try SafetensorsFile(path: "/dev/zero")
    }
    #expect(throws: CheckpointError.notARegularFile(path: scratch.path)) {
      try SafetensorsFile(path: scratch.path)
    }
  }

  @Test func aMissingFileIsToldFromAMalformedOne() throws {
    let scratch = try Scratch()
    #expect {
      try SafetensorsFile(path: scratch.file("no.safetensors"))
    } throws: { ($0 as? CheckpointError)?.isMissingInput == true }
    let path = try scratch.write([1], "short.safetensors")
    #expect {
      try SafetensorsFile(path: path)
    } throws: { ($0 as? CheckpointError)?.isMissingInput == false }
  }

  @Test func pickledWeightsAreNeverOpened() throws {
    #expect(throws: CheckpointError.executableWeights(path: "/nowhere/pytorch_model.bin")) {
      try SafetensorsFile(path: "/nowhere/pytorch_model.bin")
    }
  }

  @Test func aMistypedNameGetsASuggestion() throws {
    let scratch = try Scratch()
    let file = try SafetensorsFile(path: scratch.write(safetensors(sound, zeros), "a.safetensors"))
    #expect(throws: CheckpointError.noSuchTensor(name: "tset", nearest: "test")) {
      try file.floats("tset")
    }
    #expect(throws: CheckpointError.notFloats(name: "test", elementType: .signed32)) {
      try file.floats("test")
    }
  }

  @Test func aThousandMutationsNeverTrap() throws {
    let scratch = try Scratch()
    var mutations = Mutations(state: 7)
    let original = safetensors(
      #"{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},"#
        + #""b":{"dtype":"BF16","shape":[3],"data_offsets":[16,22]}}"#,
      [UInt8](repeating: 0x3F, count: 22))
    var sound = 0
    for _ in 0..<1000 {
      let path = try scratch.write(mutations.mutate(original), "m.safetensors")
      do {
        let file = try SafetensorsFile(path: path)
        sound += 1
        for tensor in file.tensors where tensor.elementType.isConvertibleToFloat {
          #expect(try file.floats(tensor.name).count == tensor.elementCount)
        }
      } catch is CheckpointError {}
    }
    #expect(sound < 1000)
  }
}
