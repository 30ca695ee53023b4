import Kernels
import Testing

@testable import Transformers

/// An adapter of separate layers, under a checkpoint's names and back.
@Suite struct AdapterModuleTests {
  /// W + s·B'·A' of the fused module is what the network saves when it merges its own adapter.
  @Test(arguments: [nil, ["q_proj", "v_proj"], ["k_proj", "down_proj"]])
  func aFusedModuleMergesToTheSameBits(targets: [String]?) throws {
    let lowRank = LowRankConfiguration(rank: 3, alpha: 5, targets: targets)
    let network = Toy.network(Toy.shape(bias: true), lowRank: lowRank)
    let other = Toy.network(Toy.shape(bias: true))
    other.base.values.copy(from: network.base.values.array(), at: 0)
    let stored = ZhinaoArchitecture().storedTensors(network.shape, head: .language)
    let modules = network.adapterModules(as: ZhinaoArchitecture())
    #expect(modules.count == 2 * (targets == nil ? 5 : targets == ["q_proj", "v_proj"] ? 1 : 2))
    for module in modules {
      let tensor = try #require(stored.first { $0.name == module.path + ".weight" })
      let (down, up) = network.matrices(of: module)
      #expect(down.shape == [module.rank, module.inputs])
      #expect(up.shape == [module.outputs, module.rank])
      // PEFT's α'/r' with α' = α·parts.
      let scale = 5 * Double(module.partCount) / Double(module.rank)
      other.merge(down: down, up: up, scale: Float(scale), into: tensor)
    }
    for slot in network.base.slots {
      let merged = try #require(network.mergedParameter(slot.name))
      #expect(other.base.matrix(slot.name)?.array() == merged.array(), "\(slot.name)")
    }
  }

  /// Groups of two query heads, a key head and a value head, of four rows each: of 32 rows, the rows 8
  /// to 11 are the first key head's, and only the columns 3 to 5 of B' are k's.
  @Test func rowsOfTheFusedModuleStandWhereTheArchitectureHasThem() throws {
    let lowRank = LowRankConfiguration(rank: 3, alpha: 6)
    let network = Toy.network(Toy.shape(bias: true), lowRank: lowRank)
    let module = try #require(network.adapterModules(as: ZhinaoArchitecture()).first)
    #expect(module.path == "model.layers.0.self_attn.qkv_proj")
    #expect((module.rank, module.partCount, module.outputs) == (9, 3, 32))
    let (down, up) = network.matrices(of: module)
    let key = try #require(network.adapter?.matrix("model.layers.0.self_attn.k_proj.lora_B.weight"))
    let down2 = try #require(
      network.adapter?.matrix("model.layers.0.self_attn.k_proj.lora_A.weight"))
    for column in 0..<9 {
      #expect(up[9, column] == ((3..<6).contains(column) ? key[1, column - 3] : 0))
      // The second group begins at row 16; its key head at row 24.
      #expect(up[24, column] == ((3..<6).contains(column) ? key[4, column - 3] : 0))
    }
    #expect(down.rows(3..<6).array() == down2.array())
  }

  @Test func layersThatAreStoredAloneAreTheirOwnModules() throws {
    let network = Toy.network(lowRank: LowRankConfiguration(rank: 2, alpha: 4))
    let modules = network.adapterModules(as: LlamaArchitecture())
    #expect(modules.count == 14)
    #expect(modules.allSatisfy { $0.rank == 2 && $0.partCount == 1 })
    #expect(modules[0].path == "model.layers.0.self_attn.q_proj")
  }
}
