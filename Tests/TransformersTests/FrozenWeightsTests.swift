import Checkpoints
import JSON
import Kernels
import Testing

@testable import Transformers

/// A base that is kept in two bytes: which of it is, and that no bit tells.
@Suite struct FrozenWeightsTests {
  private static let lowRank = LowRankConfiguration(rank: 3, alpha: 5)
  private static let families = [("llama", false), ("mistral", true), ("zhinao", false)]

  /// A checkpoint in a type, opened.
  private func opened(
    _ family: (type: String, isTied: Bool), _ elementType: ElementType, in folder: String
  ) throws -> ModelDirectory {
    let shape = Toy.shape(tied: family.isTied, bias: family.type == "zhinao")
    try write(Toy.configuration(shape, modelType: family.type), folder + "/config.json")
    try save(
      Toy.network(shape), ModelDirectory(path: folder), in: folder, elementType: elementType)
    return try ModelDirectory(path: folder)
  }

  private func load(
    _ directory: ModelDirectory, _ precision: Precision, isFrozen: Bool,
    head: Transformer.Head = .language
  ) throws -> Transformer {
    let network = try directory.load(
      head: head, lowRank: Self.lowRank, compute: Compute(precision: precision, threads: 2),
      isFrozen: isFrozen)
    network.initializeAdapter(seed: 4)
    for slot in network.adapter?.slots ?? [] where !slot.name.hasSuffix("_A.weight") {
      for place in slot.range { network.adapter?.values[place] = Float(place % 13 - 6) / 32 }
    }
    return network
  }

  /// Of two layers' seven matrices, the tokens' vectors and, where it has one of its own, the head.
  @Test(arguments: families)
  func whatTheCheckpointHasInTwoBytesIsKeptInTwo(family: (String, Bool)) throws {
    try withTemporaryFolder { folder in
      let network = try load(opened(family, .bfloat16, in: folder), .float32, isFrozen: true)
      #expect(network.brainFloats.count == 2 * 7 + (family.1 ? 1 : 2))
      #expect(!network.base.slots.contains { !$0.isVector })
      let whole = try load(ModelDirectory(path: folder), .float32, isFrozen: false)
      #expect(whole.brainFloats.isEmpty)
    }
  }

  /// In float32 nothing is rounded that was not, nor in block floating point; of oneDNN's products only tokens' vectors are
  /// read unrounded.
  @Test(arguments: [ElementType.float32, .float16])
  func whatWouldLoseByItIsKeptInFour(elementType: ElementType) throws {
    try withTemporaryFolder { folder in
      let directory = try opened(("llama", false), elementType, in: folder)
      #expect(try load(directory, .float32, isFrozen: true).brainFloats.isEmpty)
      let network = try load(directory, .bfloat16, isFrozen: true)
      let rounds = Compute.multipliesBrainFloats
      #expect(network.brainFloats.count == (rounds ? 2 * 7 + 1 : 0))
      let whole = network.base.slots.filter { !$0.isVector }.map(\.name)
      #expect(whole.count == (rounds ? 1 : 2 * 7 + 2) && whole[0] == "model.embed_tokens.weight")
    }
  }

  /// In float32 of a bfloat16 checkpoint, in bfloat16 of any: values, entropies, gradients, and the merged weights.
  @Test(
    arguments: families,
    [(Precision.float32, ElementType.bfloat16), (.bfloat16, .bfloat16), (.bfloat16, .float32)])
  func noBitTellsHowTheBaseIsKept(
    family: (String, Bool), kind: (Precision, ElementType)
  ) throws {
    try withTemporaryFolder { folder in
      let directory = try opened(family, kind.1, in: folder)
      let frozen = try load(directory, kind.0, isFrozen: true)
      let whole = try load(directory, kind.0, isFrozen: false)
      let sequences = Toy.sequences([9, 4, 17])
      let (found, expected) = (likelihood(frozen, sequences), likelihood(whole, sequences))
      #expect(found.loss == expected.loss)
      #expect(found.pass.values == expected.pass.values)
      #expect(found.pass.entropies == expected.pass.entropies)
      #expect(found.gradients.array() == expected.gradients.array())
      let prompts = Toy.sequences([5, 8]).map(\.tokens)
      let (decoding, other) = (DecodingNetwork(frozen), DecodingNetwork(whole))
      #expect(
        decoding.extend(prompts.map { _ in decoding.makeSlot() }, with: prompts).array()
          == other.extend(prompts.map { _ in other.makeSlot() }, with: prompts).array())
      guard kind.1 == .bfloat16 else { return }
      for slot in whole.base.slots {
        #expect(
          frozen.mergedParameter(slot.name)?.array() == whole.mergedParameter(slot.name)?.array())
      }
    }
  }

  /// Tied tokens' vectors are read unrounded, and rounded by the output projection, which may read a copy.
  @Test(.enabled(if: Compute.multipliesBrainFloats)) func tiedVectorsHaveBothForms() throws {
    try withTemporaryFolder { folder in
      let directory = try opened(("mistral", true), .float32, in: folder)
      let network = try load(directory, .bfloat16, isFrozen: true)
      let name = Transformer.embeddingName
      let vectors = try #require(network.base.matrix(name))
      let copy = try #require(network.brainFloats[name])
      let (rounded, expected) = (
        Matrix(rows: 24, columns: 16), BrainFloatMatrix(rows: 24, columns: 16)
      )
      network.compute.widen(copy, rows: 0..<24, into: rounded)
      #expect(rounded.array() != vectors.array())
      network.compute.round(vectors, into: expected)
      network.compute.widen(expected, rows: 0..<24, into: vectors)
      #expect(rounded.array() == vectors.array())
    }
  }

  @Test func scoresHaveTheSameBitsToo() throws {
    try withTemporaryFolder { folder in
      let directory = try opened(("llama", false), .bfloat16, in: folder)
      let frozen = try load(directory, .float32, isFrozen: true, head: .score)
      let whole = try load(directory, .float32, isFrozen: false, head: .score)
      let tokens = Toy.sequences([7, 3, 12]).map(\.tokens)
      #expect(frozen.scores(of: tokens).values == whole.scores(of: tokens).values)
      #expect(frozen.brainFloats.count == 2 * 7 + 1)
    }
  }

  /// Straight from files, too, 32 bits of a weight are no more than 16.
  @Test(arguments: families)
  func decodingReadsTwoBytes(family: (String, Bool)) throws {
    try withTemporaryFolder { folder in
      let directory = try opened(family, .bfloat16, in: folder)
      let network = try directory.load(compute: Compute())
      let decoding = try directory.loadForDecoding(compute: Compute(), format: .float32)
      #expect(decoding.output.format == .bfloat16)
      let logits = decoding.extend([decoding.makeSlot()], with: [[1, 2, 3, 4]]).array()
      #expect(logits == network.logits(after: [[1, 2, 3, 4]]).array())
    }
  }

  /// The file that a checkpoint was read from, and the one that it is written to, are one.
  @Test(arguments: families)
  func aFrozenNetworkIsSavedAsItWasRead(family: (String, Bool)) throws {
    try withTemporaryFolder { folder in
      let directory = try opened(family, .bfloat16, in: folder)
      let network = try directory.load(compute: Compute(), isFrozen: true)
      try withTemporaryFolder { copy in
        try network.save(to: copy, as: directory.architecture, elementType: .bfloat16)
        let (old, new) = (try directory.weights(), try SafetensorsDirectory(path: copy))
        #expect(new.tensors == old.tensors)
        for tensor in old.tensors {
          #expect(try new.floats(tensor.name) == old.floats(tensor.name), "\(tensor.name)")
        }
      }
    }
  }

  @Test func aHostileConfigurationIsRefusedBeforeAnythingIsAllocated() throws {
    try withTemporaryFolder { folder in
      let directory = try opened(("llama", false), .bfloat16, in: folder)
      var json = directory.configuration.json
      json["hidden_size"] = 131_072
      json["vocab_size"] = 16_777_216
      try write(json, folder + "/config.json")
      let error = #expect(throws: ModelError.self) {
        try ModelDirectory(path: folder).load(compute: Compute(), isFrozen: true)
      }
      #expect(error.map(String.init(describing:))?.contains("model.embed_tokens.weight") == true)
    }
  }

  /// 14 matrices, 24 tokens' vectors twice: half of their bytes; gains and biases are as they were.
  @Test func theBytesAreToldFromTheShape() {
    let shape = Toy.shape(bias: true)
    let matrices = 2 * (16 * 16 + 2 * 8 * 16 + 16 * 16 + 3 * 24 * 16) + 2 * 24 * 16
    let vectors = 2 * (2 * 16 + 16 + 8 + 8) + 16
    func bytes(_ forms: WeightForms, _ precision: Precision = .float32) -> Int {
      Transformer.baseBytes(
        shape, head: .language, hasAdapter: true, forms: forms, precision: precision)
    }
    let all = Set(
      Transformer.baseTensors(shape, head: .language, scoresInAdapter: true).map(\.name))
    #expect(bytes(WeightForms()) == 4 * (matrices + vectors))
    #expect(bytes(WeightForms(exact: all)) == 4 * (matrices + vectors))
    #expect(bytes(WeightForms(isFrozen: true)) == 4 * (matrices + vectors))
    #expect(bytes(WeightForms(isFrozen: true, exact: all)) == 2 * matrices + 4 * vectors)
    // What is trained may have copies for products, but for the tokens' vectors.
    #expect(bytes(WeightForms(roundsWeights: false), .bfloat16) == 4 * (matrices + vectors))
    #expect(
      bytes(WeightForms(roundsWeights: true), .bfloat16) == 6 * matrices - 2 * 24 * 16 + 4 * vectors
    )
    #expect(
      bytes(WeightForms(isFrozen: true, roundsWeights: true), .bfloat16)
        == 2 * matrices + 2 * 24 * 16 + 4 * vectors)
    #expect(
      bytes(WeightForms(isFrozen: true, roundsWeights: false), .bfloat16)
        == 4 * (matrices + vectors))
  }
}
