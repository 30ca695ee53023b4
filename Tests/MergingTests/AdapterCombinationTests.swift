import Checkpoints
import Foundation
import Kernels
import Testing

@testable import Merging

@Suite struct AdapterCombinationTests {
  private struct Golden: Decodable {
    struct Adapter: Decodable {
      var rank: Int
      var alpha: Double
      var down: [Float]
      var up: [Float]
    }
    struct Settings: Decodable {
      var density: Double?
      var svdRank: Int?
      var majoritySignMethod: String?
    }
    struct Case: Decodable {
      var kind: String
      var names: [String]
      var weights: [Double]
      var settings: Settings
      var masks: [[Int]]
      var scale: Double
      var product: [Double]
    }
    var adapters: [String: Adapter]
    var cases: [Case]
  }

  private static func golden() throws -> Golden {
    let file = try #require(
      Bundle.module.url(forResource: "adapters", withExtension: "json", subdirectory: "Goldens"))
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Golden.self, from: Data(contentsOf: file))
  }

  /// B·A of [5, 6] after each of PEFT's ways; signs of singular vectors are free, their product is not.
  @Test func combinationsArePEFTs() throws {
    let golden = try Self.golden()
    for test in golden.cases {
      let method = try #require(AdapterCombination.Method(rawValue: test.kind))
      var combination = AdapterCombination(method, weights: test.weights)
      combination.density = test.settings.density
      combination.electsByFrequency = test.settings.majoritySignMethod == "frequency"
      let masks = test.masks
      let count = test.names.count
      combination.mask = { name, adapter, place in
        // Of matrices by themselves, all of A's masks were drawn before B's.
        masks[adapter + (name.hasSuffix("lora_B") ? count : 0)][place] == 1
      }
      let parts = try test.names.enumerated().map { index, name in
        let adapter = try #require(golden.adapters[name])
        return AdapterCombination.Part(
          down: adapter.down, up: adapter.up, rank: adapter.rank,
          scale: adapter.alpha / Double(adapter.rank), weight: test.weights[index], index: index)
      }
      let ranks = parts.map(\.rank)
      let rank =
        test.settings.svdRank ?? (method == .cat ? ranks.reduce(0, +) : ranks.max() ?? 1)
      let (down, up) = try combination.combine(
        parts, module: "up_proj", inputs: 6, outputs: 5, rank: rank)
      let product = AdapterCombination.Part(
        down: down, up: up, rank: rank, scale: 1, weight: 1, index: 0
      ).product(inputs: 6, outputs: 5)
      for (value, expected) in zip(product, test.product) {
        #expect(abs(value - expected) < 2e-5, "\(test.kind)")
      }
      #expect(product.count == test.product.count)
    }
    #expect(golden.cases.count == 12)
  }

  /// The parts put together are the matrix again, and the values are those of the hand: of [[3, 0], [4, 5]] they are √45 and √5.
  @Test func aMatrixIsItsSingularValues() throws {
    let values = try #require(SingularValues([3, 0, 4, 5], rows: 2, columns: 2))
    #expect(abs(values.values[0] - 45.squareRoot()) < 1e-12)
    #expect(abs(values.values[1] - 5.squareRoot()) < 1e-12)
    let wide = (0..<35).map { Double(($0 * 37) % 11) - 5 }
    let parts = try #require(SingularValues(wide, rows: 5, columns: 7))
    for row in 0..<5 {
      for column in 0..<7 {
        let sum = (0..<5).reduce(0.0) {
          $0 + parts.left[row * 5 + $1] * parts.values[$1] * parts.right[$1 * 7 + column]
        }
        #expect(abs(sum - wide[row * 7 + column]) < 1e-12)
      }
    }
    #expect(SingularValues([.nan], rows: 1, columns: 1) == nil)
  }

  @Test func adaptersThatDoNotFitAreRefused() throws {
    let fixture = try Fixture()
    let narrow = try fixture.adapter("narrow", rank: 1, inputs: 2)
    let wide = try fixture.adapter("wide", rank: 2, inputs: 2)
    let other = try fixture.adapter("other", rank: 1, inputs: 3)
    func fault(_ method: AdapterCombination.Method, _ adapters: [AdapterDirectory]) -> String {
      do throws(AdapterFault) {
        _ = try AdapterCombination(method, weights: adapters.map { _ in 1 }).plan(adapters)
        return ""
      } catch {
        return "\(error)"
      }
    }
    #expect(fault(.linear, [narrow, wide]).contains("have the ranks 1, 2"))
    #expect(fault(.cat, [narrow, other]).contains("belong to other bases"))
    #expect(fault(.ties, [narrow, narrow]).contains("needs a density"))
    #expect(fault(.cat, []).contains("no adapters"))
    #expect(fault(.svd, [narrow, wide]).isEmpty)
  }

  /// cat on disk: ½·(4/1)·B·A + ½·(4/2)·B·A.
  @Test func aCombinationIsAnAdapterOnDisk() throws {
    let fixture = try Fixture()
    let adapters = [
      try fixture.adapter("one", rank: 1, inputs: 2),
      try fixture.adapter("two", rank: 2, inputs: 2),
    ]
    try AdapterCombination(.cat, weights: [0.5, 0.5]).write(
      adapters, to: "\(fixture.path)/both")
    let both = try AdapterDirectory(path: "\(fixture.path)/both")
    #expect(both.modules.map(\.rank) == [3])
    #expect(try both.scale(of: both.modules[0]) == 1)
    #expect(both.configuration.r == 3)
  }
}

extension Fixture {
  /// An adapter of one layer with 2 outputs, all of whose numbers are 1; α = 4.
  func adapter(_ name: String, rank: Int, inputs: Int) throws -> AdapterDirectory {
    let folder = "\(path)/\(name)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    var configuration = AdapterConfiguration()
    configuration.r = rank
    configuration.loraAlpha = 4
    configuration.targetModules = .names(["up_proj"])
    let module = "model.layers.0.mlp.up_proj"
    let writer = try AdapterWriter(
      folder: folder, configuration: configuration,
      modules: [.init(path: module, rank: rank, inputs: inputs, outputs: 2)])
    let a = [Float](repeating: 1, count: rank * inputs)
    let b = [Float](repeating: 1, count: rank * 2)
    try writer.write(module, a: a.span, b: b.span)
    try writer.finish()
    return try AdapterDirectory(path: folder)
  }
}
