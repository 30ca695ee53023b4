import Checkpoints
import JSON
import Kernels
import Testing
import Transformers

/// What is refused, and that the message says which tensor or key, what was found and what is right.
@Suite struct LoadingTests {
  @Test func aMissingTensorIsNamed() throws {
    try refuses(["model.layers.1.mlp.up_proj.weight", "missing"]) {
      $0.removeAll { $0.name == "model.layers.1.mlp.up_proj.weight" }
    }
  }

  @Test func aTensorOfAnotherShapeIsNamedWithBothShapes() throws {
    try refuses(["model.layers.0.self_attn.k_proj.weight", "[8, 15]", "[8, 16]"]) { tensors in
      for index in tensors.indices
      where tensors[index].name == "model.layers.0.self_attn.k_proj.weight" {
        tensors[index].shape = [8, 15]
      }
    }
  }

  @Test func aTensorThatNobodyKnowsIsNamed() throws {
    try refuses(["model.layers.0.self_attn.q_proj.bias"]) {
      $0.append(
        TensorInformation(
          name: "model.layers.0.self_attn.q_proj.bias", elementType: .float32, shape: [16]))
    }
  }

  @Test func whatExportersLeaveBehindIsPassedOver() throws {
    try withTemporaryFolder { folder in
      let name = "model.layers.0.self_attn.rotary_emb.inv_freq"
      try make(in: folder) {
        $0.append(TensorInformation(name: name, elementType: .float32, shape: [2]))
      }
      #expect(throws: Never.self) { try ModelDirectory(path: folder).load(compute: Compute()) }
    }
  }

  @Test func aScoreHeadThatIsNotThereStartsAtZero() throws {
    try withTemporaryFolder { folder in
      try make(in: folder) { _ in }
      let network = try ModelDirectory(path: folder).load(head: .score, compute: Compute())
      #expect(network.scores(of: [[1, 2, 3], [4]]).values == [0, 0])
    }
  }

  /// A configuration of a petabyte beside small weights must not ask the system for memory.
  @Test func aHostileConfigurationIsRefusedBeforeAnythingIsAllocated() throws {
    try withTemporaryFolder { folder in
      try make(in: folder) { _ in }
      var json = Toy.configuration(Toy.shape(), modelType: "llama")
      json["hidden_size"] = 131_072
      json["intermediate_size"] = 524_288
      json["vocab_size"] = 16_777_216
      try write(json, folder + "/config.json")
      #expect(throws: ModelError.self) { try ModelDirectory(path: folder).load(compute: Compute()) }
    }
  }

  @Test(arguments: [
    ("hidden_size", JSON.integer(0)), ("num_hidden_layers", .integer(-1)),
    ("vocab_size", .string("many")), ("num_key_value_heads", .integer(3)),
    ("head_dim", .integer(5)), ("hidden_act", .string("gelu")), ("rope_theta", .integer(0)),
    ("attention_bias", .bool(true)), ("model_type", .string("mamba")),
  ])
  func anUnusableConfigurationIsLocated(key: String, value: JSON) throws {
    try withTemporaryFolder { folder in
      var json = Toy.configuration(Toy.shape(), modelType: "llama")
      json[key] = value
      try write(json, folder + "/config.json")
      let error = #expect(throws: ModelError.self) { try ModelDirectory(path: folder) }
      let message = error.map(String.init(describing:)) ?? ""
      #expect(message.contains("config.json") && message.contains(key))
    }
  }

  private func make(
    in folder: String, _ change: (inout [TensorInformation]) -> Void
  ) throws {
    let shape = Toy.shape()
    try write(Toy.configuration(shape, modelType: "llama"), folder + "/config.json")
    let directory = try ModelDirectory(path: folder)
    var tensors = directory.architecture.storedTensors(shape, head: .language).map {
      TensorInformation(name: $0.name, elementType: .float32, shape: $0.shape)
    }
    change(&tensors)
    let writer = try SafetensorsWriter(folder: folder, tensors: tensors)
    for tensor in tensors {
      let values = [Float](repeating: 0.1, count: tensor.elementCount)
      try writer.write(tensor.name, values.span)
    }
    try writer.finish()
  }

  private func refuses(
    _ parts: [String], _ change: (inout [TensorInformation]) -> Void
  ) throws {
    try withTemporaryFolder { folder in
      try make(in: folder, change)
      let error = #expect(throws: ModelError.self) {
        try ModelDirectory(path: folder).load(compute: Compute())
      }
      let message = error.map(String.init(describing:)) ?? ""
      for part in parts { #expect(message.contains(part), "\(message)") }
    }
  }
}
