import Checkpoints
import Foundation
import JSON
import Kernels
import Testing
import Transformers

/// How checkpoints of each family map onto the network.
@Suite struct ArchitectureTests {
  /// Four query heads and two key-value heads of four rows: groups of (g + 2) = 4 slots.
  ///
  /// The stored number says where it stands: 1000·group + 100·slot + row, plus a column's hundredth.
  @Test func zhinaosFusedProjectionIsTakenApartByGroup() throws {
    try withTemporaryFolder { folder in
      let directory = try zhinao(in: folder)
      let network = try directory.load(compute: Compute())
      func rows(_ name: String) throws -> [Float] {
        let matrix = try #require(network.parameter("model.layers.1.self_attn.\(name).weight"))
        return (0..<matrix.rows).map { matrix[$0, 0] }
      }
      // Query heads 0 and 1 are slots 0 and 1 of group 0; heads 2 and 3 those of group 1.
      let queries: [Float] = [
        0, 1, 2, 3, 100, 101, 102, 103, 1000, 1001, 1002, 1003, 1100, 1101, 1102, 1103,
      ]
      #expect(try rows("q_proj") == queries)
      #expect(try rows("k_proj") == [200, 201, 202, 203, 1200, 1201, 1202, 1203])
      #expect(try rows("v_proj") == [300, 301, 302, 303, 1300, 1301, 1302, 1303])
      let bias = try #require(network.parameter("model.layers.1.self_attn.v_proj.bias"))
      #expect(bias.array() == [300, 301, 302, 303, 1300, 1301, 1302, 1303])
      let matrix = try #require(network.parameter("model.layers.0.self_attn.k_proj.weight"))
      #expect(matrix[5, 3] == 1201.03)
    }
  }

  @Test func zhinaosWeightsAreWrittenAsTheyWereRead() throws {
    try withTemporaryFolder { folder in
      let directory = try zhinao(in: folder)
      let network = try directory.load(compute: Compute())
      let copy = folder + "/copy"
      try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
      try save(network, directory, in: copy)
      let (old, new) = (try directory.weights(), try ModelDirectory(path: copy).weights())
      #expect(new.tensors.map(\.name).sorted() == old.tensors.map(\.name).sorted())
      for tensor in old.tensors { #expect(try old.floats(tensor.name) == new.floats(tensor.name)) }
      #expect(try ModelDirectory(path: copy).load(compute: Compute()).head == .language)
    }
  }

  /// Packed from the files, a network decodes as the one that was loaded for training, in every format.
  @Test(arguments: ["llama", "mistral", "qwen2", "zhinao"])
  func everyFamilyIsLoadedForDecoding(modelType: String) throws {
    try withTemporaryFolder { folder in
      let directory: ModelDirectory
      if modelType == "zhinao" {
        directory = try zhinao(in: folder)
        let network = try directory.load(compute: Compute())
        network.initialize(seed: 3)
        try save(network, directory, in: folder)
      } else {
        let shape = Toy.shape(tied: modelType == "mistral", bias: modelType == "qwen2")
        try write(Toy.configuration(shape, modelType: modelType), folder + "/config.json")
        directory = try ModelDirectory(path: folder)
        try Toy.network(shape).save(to: folder, as: directory.architecture)
      }
      let opened = try ModelDirectory(path: folder)
      let network = try opened.load(compute: Compute())
      let bounds: [(PackedWeights.Format, Double)] = [
        (.float32, 0), (.bfloat16, 0.05), (.int8, 0.3), (.int4, 1),
      ]
      for (format, bound) in bounds {
        let loaded = try opened.loadForDecoding(compute: Compute(), format: format)
        let logits = loaded.extend([loaded.makeSlot()], with: [[1, 2, 3, 4]]).array()
        let expected = network.logits(after: [[1, 2, 3, 4]]).array()
        if format == .float32 { #expect(logits == expected) }
        #expect(relativeError(logits, expected) <= bound)
      }
    }
  }

  @Test(arguments: ["llama", "mistral", "qwen2"])
  func everyFamilyComesBackBitForBit(modelType: String) throws {
    let shape = Toy.shape(tied: modelType == "mistral", bias: modelType == "qwen2")
    let network = Toy.network(shape)
    let sequences = Toy.sequences([9, 4])
    try withTemporaryFolder { folder in
      try write(Toy.configuration(shape, modelType: modelType), folder + "/config.json")
      let directory = try ModelDirectory(path: folder)
      #expect(directory.shape.hasQueryKeyValueBias == shape.hasQueryKeyValueBias)
      try network.save(to: folder, as: directory.architecture)
      let loaded = try ModelDirectory(path: folder).load(compute: Compute())
      #expect(loaded.base.values.array() == network.base.values.array())
      #expect(
        loaded.logProbabilities(of: sequences).values
          == network.logProbabilities(of: sequences).values)
    }
  }

  /// Longer sequences would need a mask: they are no positions of the model.
  @Test func mistralsSlidingWindowBoundsItsSequences() throws {
    func positions(_ modelType: String, _ window: JSON?) throws -> Int {
      var json = Toy.configuration(Toy.shape(), modelType: modelType)
      json["max_position_embeddings"] = 32768
      json["sliding_window"] = window
      let configuration = ModelConfiguration(path: "toy", json: json)
      return try architecture(of: configuration).shape(configuration).maximumPosition
    }
    #expect(try positions("mistral", 512) == 512)
    #expect(try positions("mistral", 65536) == 32768)
    #expect(try positions("mistral", .null) == 32768)
    // MistralConfig's default.
    #expect(try positions("mistral", nil) == 4096)
    #expect(try positions("llama", 512) == 32768)
    #expect(throws: ModelError.self) { try positions("mistral", 0) }
  }

  @Test(arguments: [ElementType.bfloat16, .float16])
  func narrowerTypesRoundOnce(elementType: ElementType) throws {
    let network = Toy.network()
    try withTemporaryFolder { folder in
      try write(Toy.configuration(network.shape, modelType: "llama"), folder + "/config.json")
      let directory = try ModelDirectory(path: folder)
      try save(network, directory, in: folder, elementType: elementType)
      let again = try ModelDirectory(path: folder)
      #expect(
        again.configuration.json["torch_dtype"]?.string
          == (elementType == .bfloat16 ? "bfloat16" : "float16"))
      let loaded = try again.load(compute: Compute()).base.values.array()
      let bound: Float = elementType == .bfloat16 ? 0x1p-8 : 0x1p-10
      for (a, b) in zip(loaded, network.base.values.array()) {
        #expect(abs(a - b) <= bound * max(abs(b), 0x1p-14))
      }
    }
  }

  private func zhinao(in folder: String) throws -> ModelDirectory {
    let shape = Toy.shape(bias: true)
    try write(Toy.configuration(shape, modelType: "zhinao"), folder + "/config.json")
    let directory = try ModelDirectory(path: folder)
    let stored = directory.architecture.storedTensors(directory.shape, head: .language)
    let writer = try SafetensorsWriter(
      folder: folder,
      tensors: stored.map {
        TensorInformation(name: $0.name, elementType: .float32, shape: $0.shape)
      })
    for tensor in stored {
      let columns = tensor.shape.count == 1 ? 1 : tensor.shape[1]
      let values = (0..<tensor.shape.reduce(1, *)).map { element -> Float in
        let (row, column) = (element / columns, element % columns)
        let place = 1000 * (row / 16) + 100 * (row / 4 % 4) + row % 4
        return Float(place) + Float(column) / 100
      }
      try writer.write(tensor.name, values.span)
    }
    try writer.finish()
    return directory
  }
}
