import Checkpoints
import JSON
import Testing

struct AdapterTests {
  private func write(
    _ scratch: Scratch, _ configuration: AdapterConfiguration = AdapterConfiguration()
  ) throws {
    let writer = try AdapterWriter(
      folder: scratch.path, configuration: configuration,
      modules: [.init(path: "model.layers.0.self_attn.q_proj", rank: 1, inputs: 2, outputs: 3)],
      wholeTensors: [TensorInformation(name: "score.weight", elementType: .float32, shape: [1, 2])])
    let a: [Float] = [1, 2]
    let b: [Float] = [3, 4, 5]
    try writer.write("model.layers.0.self_attn.q_proj", a: a.span, b: b.span)
    try writer.write(wholeTensor: "score.weight", a.span)
    try writer.finish()
  }

  @Test func whatIsWrittenIsReadBack() throws {
    let scratch = try Scratch()
    var configuration = AdapterConfiguration()
    configuration.r = 1
    configuration.loraAlpha = 2
    configuration.targetModules = .names(["q_proj"])
    configuration.rankPattern = [("q_proj", 1)]
    configuration.modulesToSave = ["score"]
    configuration.taskType = "SEQ_CLS"
    try write(scratch, configuration)
    #expect(AdapterDirectory.isAdapter(path: scratch.path))
    let adapter = try AdapterDirectory(path: scratch.path)
    #expect(adapter.configuration == configuration)
    let module = try #require(adapter.modules.first)
    #expect(module.path == "model.layers.0.self_attn.q_proj")
    #expect(module.aKey == "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight")
    #expect((module.rank, module.inputs, module.outputs) == (1, 2, 3))
    #expect(try adapter.tensors.floats(module.bKey) == [3, 4, 5])
    #expect(adapter.wholeTensors.map(\.name) == ["score.weight"])
  }

  /// α/r = 16/4, and α/√r = 16/2.
  @Test func theScaleIsByHand() {
    var configuration = AdapterConfiguration()
    #expect(configuration.scale(rank: 4, alpha: 16) == 4)
    configuration.useRSLoRA = true
    #expect(configuration.scale(rank: 4, alpha: 16) == 8)
  }

  /// 6/1 where the pattern names the end of the path, 2/1 elsewhere.
  @Test func anAlphaPatternNamesModules() throws {
    for (pattern, scale) in [("q_proj", 6.0), ("self_attn.q_proj", 6), ("proj", 2)] {
      let scratch = try Scratch()
      var configuration = AdapterConfiguration()
      configuration.loraAlpha = 2
      configuration.alphaPattern = [(pattern, 6)]
      try write(scratch, configuration)
      let adapter = try AdapterDirectory(path: scratch.path)
      #expect(try adapter.scale(of: #require(adapter.modules.first)) == scale)
    }
    let scratch = try Scratch()
    var configuration = AdapterConfiguration()
    configuration.alphaPattern = [("(.*)*proj", 6)]
    try write(scratch, configuration)
    let adapter = try AdapterDirectory(path: scratch.path)
    let module = try #require(adapter.modules.first)
    #expect(throws: CheckpointError.self) { try adapter.scale(of: module) }
  }

  @Test func theLeastConfigurationIsTaken() throws {
    let scratch = try Scratch()
    try write(scratch)
    try scratch.write(
      #"{"peft_type":"LORA","target_modules":"all-linear","r":1,"lora_alpha":2,"new":null}"#,
      "adapter_config.json")
    let adapter = try AdapterDirectory(path: scratch.path)
    #expect(adapter.configuration.targetModules == .pattern("all-linear"))
    #expect(adapter.configuration.bias == .none)
  }

  /// Each of these would change what the adapter computes.
  @Test(arguments: [
    #""use_dora": true"#, #""init_lora_weights": "pissa""#, #""use_qalora": true"#,
    #""fan_in_fan_out": true"#,
    #""lora_bias": true"#, #""peft_type": "LOHA""#, #""layer_replication": [[0, 1]]"#,
    #""trainable_token_indices": [1]"#, #""something_new": {"on": 1}"#,
  ])
  func whatWouldBeIgnoredIsRefused(_ member: String) throws {
    let scratch = try Scratch()
    try write(scratch)
    try scratch.write(#"{"target_modules": ["q_proj"], \#(member)}"#, "adapter_config.json")
    #expect {
      try AdapterDirectory(path: scratch.path)
    } throws: {
      guard case CheckpointError.unsupportedAdapter = $0 else { return false }
      return true
    }
  }

  @Test(arguments: [
    #"{}"#, #"[]"#, #"{"target_modules": 7}"#, #"{"target_modules": [7]}"#,
    #"{"target_modules": [], "r": 0}"#, #"{"target_modules": [], "bias": "some"}"#,
    #"{"target_modules": [], "rank_pattern": {"q": -1}}"#, #"{"target_modules": [], "r": "8"}"#,
  ])
  func malformedConfigurationsAreRefused(_ text: String) throws {
    let scratch = try Scratch()
    try write(scratch)
    try scratch.write(text, "adapter_config.json")
    #expect {
      try AdapterDirectory(path: scratch.path)
    } throws: {
      guard case CheckpointError.content = $0 else { return false }
      return true
    }
  }
}
