import Checkpoints
import Datasets
import Generation
public import Kernels
import Pipeline
import Randomness
import Text
import Transformers

/// That a merged model is one: every number finite, loaded by this program, a token generated.
public struct MergeProof: Sendable {
  public var tensors: Int
  public var elements: Int
  /// The most likely token after the tokenizer's greeting; nil of reward models, and where the model was not loaded.
  public var token: String?
  /// Why it was not loaded, if it was not.
  public var note: String?

  /// Proves a folder.
  ///
  /// Loading takes four bytes a parameter; a model for which `memory` is not enough is only read.
  ///
  /// - Throws: `BadInput` with the tensor that is not finite; whatever loading throws.
  public init(path: String, compute: Compute, memory: Int = .max) throws {
    let directory = try HuggingFaceDirectory(path: path)
    let weights = try directory.weights()
    tensors = weights.tensors.count
    elements = 0
    for tensor in weights.tensors where tensor.elementType.isConvertibleToFloat {
      try Self.check(tensor, weights, path)
      elements += tensor.elementCount
    }
    let (needed, overflow) = elements.multipliedReportingOverflow(by: 5)
    guard !overflow, needed <= memory else {
      note = "not loaded: in float32 it needs more memory than there is"
      return
    }
    let model = try ModelDirectory(path: path)
    guard !model.isRewardModel else {
      _ = try model.load(head: .score, compute: compute)
      return
    }
    guard directory.tokenizerPath != nil || directory.tiktokenPath != nil else {
      _ = try model.load(head: .language, compute: compute)
      note = "it has no tokenizer, so that no text was generated"
      return
    }
    token = try Self.token(of: LanguageModel(path: path, compute: compute), path)
  }

  private static func check(
    _ tensor: TensorInformation, _ weights: any TensorSource, _ path: String
  ) throws {
    let piece = 1 << 20
    var floats = [Float](repeating: 0, count: min(piece, tensor.elementCount))
    var start = 0
    while start < tensor.elementCount {
      let end = min(start + piece, tensor.elementCount)
      if end - start < floats.count { floats.removeLast(floats.count - (end - start)) }
      var span = floats.mutableSpan
      try weights.readFloats(tensor.name, elements: start..<end, into: &span)
      // A sum is finite if all that was added is; what overflows is looked at one by one.
      if !floats.reduce(Float(0), +).isFinite,
        let place = floats.firstIndex(where: { !$0.isFinite })
      {
        throw BadInput(
          "\(path): \(tensor.name) has \(floats[place]) at \(start + place): a model of the merge has such a "
            + "number there, or the weights lead beyond what its type can hold")
      }
      start = end
    }
  }

  private static func token(of model: LanguageModel, _ path: String) throws -> String {
    var prompt = model.tokenizer.encode(text: "Hello")
    if prompt.isEmpty { prompt = [0] }
    let size = model.shape.vocabularySize
    if let id = prompt.first(where: { Int($0) >= size }) {
      throw BadInput("\(path): the tokenizer gives the id \(id), and the model has \(size) tokens")
    }
    let logits = try model.transformer().logits(after: [prompt])
    var best = 0
    for column in 0..<logits.columns where logits[0, column] > logits[0, best] { best = column }
    guard logits[0, best].isFinite else {
      throw BadInput(
        "\(path): its logits are not finite: the models of the merge do not fit each other")
    }
    return model.tokenizer.tokenizer.decode([Int32(best)], skippingSpecials: false)
  }
}
