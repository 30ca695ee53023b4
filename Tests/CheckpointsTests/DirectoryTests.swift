import Checkpoints
import Glibc
import JSON
import Testing

struct DirectoryTests {
  private let one = safetensors(
    #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, [0, 0, 0x80, 0x3F])

  private func index(_ scratch: Scratch, _ map: String) throws {
    try scratch.write(
      #"{"metadata":{"total_size":4},"weight_map":{\#(map)}}"#, "model.safetensors.index.json")
  }

  /// None of these may be opened: they lead out, or are not weights.
  @Test(arguments: [
    "../model.safetensors", "/etc/passwd", "/tmp/x.safetensors", "sub/x.safetensors", "..",
    "x.bin", ".safetensors", "a b.safetensors", "a\\u0000.safetensors", "ä.safetensors", "",
  ])
  func aShardIsNamedPlainly(_ name: String) throws {
    let scratch = try Scratch()
    try index(scratch, #""a":"\#(name)""#)
    #expect {
      try SafetensorsDirectory(path: scratch.path)
    } throws: {
      guard case CheckpointError.content(_, let key, _, _) = $0 else { return false }
      return key == "weight_map.a"
    }
  }

  @Test func aLinkThatLeadsOutIsRefused() throws {
    let outside = try Scratch()
    let target = try outside.write(one, "secret.safetensors")
    let scratch = try Scratch()
    symlink(target, scratch.file("model.safetensors"))
    #expect {
      try SafetensorsDirectory(path: scratch.path)
    } throws: {
      guard case CheckpointError.escapes = $0 else { return false }
      return true
    }
    let trusting = try SafetensorsDirectory(path: scratch.path, trustedRoots: [outside.path])
    #expect(try trusting.floats("a") == [1])
  }

  /// `snapshots/<revision>/model.safetensors` → `../../blobs/<digest>`.
  @Test func theLinksOfAHuggingFaceCacheAreFollowed() throws {
    let scratch = try Scratch()
    _ = scratch.folder("blobs")
    _ = scratch.folder("snapshots")
    let revision = scratch.folder("snapshots/abc")
    try scratch.write(one, "blobs/0123")
    symlink("../../blobs/0123", revision + "/model.safetensors")
    #expect(try SafetensorsDirectory(path: revision).floats("a") == [1])
  }

  @Test func anIndexAndItsShardsMustAgree() throws {
    let scratch = try Scratch()
    try scratch.write(one, "s.safetensors")
    let path = scratch.file("model.safetensors.index.json")
    try index(scratch, #""a":"s.safetensors","b":"s.safetensors""#)
    #expect(
      throws: CheckpointError.missingTensor(path: path, tensor: "b", shard: "s.safetensors")
    ) { try SafetensorsDirectory(path: scratch.path) }
    try scratch.write(
      safetensors(
        #"{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"c":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}"#,
        []), "s.safetensors")
    try index(scratch, #""a":"s.safetensors""#)
    #expect(
      throws: CheckpointError.extraTensor(path: path, tensor: "c", shard: "s.safetensors")
    ) { try SafetensorsDirectory(path: scratch.path) }
    try index(scratch, #""a":"gone.safetensors""#)
    #expect {
      try SafetensorsDirectory(path: scratch.path)
    } throws: { ($0 as? CheckpointError)?.isMissingInput == true }
  }

  @Test func aFolderMayHoldOnlyAConfiguration() throws {
    let scratch = try Scratch()
    try scratch.write(#"{"model_type":"llama"}"#, "config.json")
    try scratch.write("{}", "tokenizer.json")
    try scratch.write("Apache", "LICENSE")
    try scratch.write("x", "optimizer.notes")
    _ = scratch.folder("vocab")
    try scratch.write("IQ== 0\n", "vocab/360.tiktoken")
    let model = try HuggingFaceDirectory(path: scratch.path + "/")
    #expect(model.config["model_type"]?.string == "llama")
    #expect(model.generationConfig?.kind == nil)
    #expect(model.companionFiles == ["LICENSE", "tokenizer.json", "vocab/360.tiktoken"])
    #expect(model.tiktokenPath == scratch.file("vocab/360.tiktoken"))
    #expect(!model.hasWeights)
    #expect {
      try model.weights()
    } throws: { ($0 as? CheckpointError)?.isMissingInput == true }
  }

  @Test func aFolderOfPickledWeightsNamesTheConversion() throws {
    let scratch = try Scratch()
    try scratch.write("{}", "config.json")
    try scratch.write("x", "pytorch_model.bin")
    #expect {
      try HuggingFaceDirectory(path: scratch.path).weights()
    } throws: { "\($0)".contains("convert them to safetensors") }
  }

  @Test func missingAndMalformedConfigurationsAreTold() throws {
    let scratch = try Scratch()
    #expect {
      try HuggingFaceDirectory(path: scratch.path)
    } throws: { ($0 as? CheckpointError)?.isMissingInput == true }
    #expect {
      try HuggingFaceDirectory(path: scratch.file("no"))
    } throws: { ($0 as? CheckpointError)?.isMissingInput == true }
    try scratch.write("{\n  \"a\": 1,\n  \"a\": 2}", "config.json")
    #expect {
      try HuggingFaceDirectory(path: scratch.path)
    } throws: { "\($0)".hasPrefix(scratch.file("config.json") + ":3:3: ") }
  }
}
