import Checkpoints
public import Kernels

/// What the weights of a network's base are kept in.
///
/// A matrix that nobody will write to is kept in bfloat16 alone where no bit of a result changes by it: where the checkpoint
/// has it in bfloat16, and where only products read it, which round it anyway. Everything else is float32.
public struct WeightForms: Sendable, Equatable {
  /// Whether the base stays as it is loaded: under an adapter, or in a network that is only run forward.
  public var isFrozen: Bool
  /// The parameters whose numbers are bfloat16 in the checkpoint.
  public var exact: Set<String>

  /// Float32 for everything, unless it is said otherwise.
  public init(isFrozen: Bool = false, exact: Set<String> = []) {
    self.isFrozen = isFrozen
    self.exact = exact
  }

  /// Whether a tensor of the base is kept in bfloat16 alone.
  ///
  /// Vectors and score heads are small. Tokens' vectors are read as they are, and not only by products.
  func isBrainFloat(_ name: String, _ shape: [Int], _ precision: Precision) -> Bool {
    guard isFrozen, shape.count == 2, name != "score.weight" else { return false }
    return exact.contains(name)
      || precision == .bfloat16 && name != "model.embed_tokens.weight"
  }
}

extension Transformer {
  /// The bytes of the base's weights as they are kept, told from the shape alone.
  public static func baseBytes(
    _ shape: TransformerShape, head: Head, hasAdapter: Bool, forms: WeightForms,
    precision: Precision
  ) -> Int {
    baseTensors(shape, head: head, scoresInAdapter: hasAdapter).reduce(0) { bytes, tensor in
      let isBrainFloat = forms.isBrainFloat(tensor.name, tensor.shape, precision)
      return bytes + (isBrainFloat ? 2 : 4) * tensor.shape.reduce(1, *)
    }
  }
}

extension ModelDirectory {
  /// The parameters whose numbers the files have in bfloat16; none where there are no weights to be read.
  public func exactWeights(head: Transformer.Head) -> Set<String> {
    guard let source = try? weights() else { return [] }
    let stored = architecture.storedTensors(shape, head: head)
    func isExact(_ tensor: StoredTensor) -> Bool {
      source.information(tensor.name)?.elementType == .bfloat16
    }
    let exact = Set(stored.filter(isExact).flatMap { $0.blocks.map(\.parameter) })
    let rounded = Set(stored.filter { !isExact($0) }.flatMap { $0.blocks.map(\.parameter) })
    return exact.subtracting(rounded)
  }
}
