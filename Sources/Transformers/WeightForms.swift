import Checkpoints
public import Kernels

/// What the weights of a network's base are kept in.
///
/// A matrix that nobody will write to is kept in bfloat16 alone where no bit of a result changes by it: where the checkpoint
/// has it in bfloat16, and where only oneDNN's products read it, which round it anyway. What those read of a
/// matrix that is written to, or read unrounded too, is a copy beside it, rounded once. Everything else is float32 alone.
public struct WeightForms: Sendable, Equatable {
  /// Whether the base stays as it is loaded: under an adapter, or in a network that is only run forward.
  public var isFrozen: Bool
  /// The parameters whose numbers are bfloat16 in the checkpoint.
  public var exact: Set<String>
  /// Whether products in bfloat16 round weights to it; those of block floating point read them as they are.
  var roundsWeights: Bool

  /// Float32 for everything, unless it is said otherwise.
  public init(isFrozen: Bool = false, exact: Set<String> = []) {
    self.init(isFrozen: isFrozen, exact: exact, roundsWeights: Compute.multipliesBrainFloats)
  }

  init(isFrozen: Bool = false, exact: Set<String> = [], roundsWeights: Bool) {
    self.isFrozen = isFrozen
    self.exact = exact
    self.roundsWeights = roundsWeights
  }

  enum Form {
    case float32
    case bfloat16
    /// Float32, and a copy for products.
    case both

    /// Of one number.
    var bytes: Int {
      switch self {
      case .float32: 4
      case .bfloat16: 2
      case .both: 6
      }
    }
  }

  /// The form of a tensor of the base.
  ///
  /// Vectors and score heads are small. Tokens' vectors are read unrounded, and by products only where they are the
  /// output projection as well (`isTied`).
  func form(of tensor: (name: String, shape: [Int]), isTied: Bool, _ precision: Precision) -> Form {
    guard tensor.shape.count == 2, tensor.name != "score.weight" else { return .float32 }
    if isFrozen, exact.contains(tensor.name) { return .bfloat16 }
    guard precision == .bfloat16, roundsWeights else { return .float32 }
    if tensor.name == Transformer.embeddingName { return isTied ? .both : .float32 }
    return isFrozen ? .bfloat16 : .both
  }
}

extension Transformer {
  /// Tokens' vectors [vocabulary, hidden].
  public static let embeddingName = "model.embed_tokens.weight"

  /// The bytes of the base's weights as they are kept, told from the shape alone.
  public static func baseBytes(
    _ shape: TransformerShape, head: Head, hasAdapter: Bool, forms: WeightForms,
    precision: Precision
  ) -> Int {
    let isTied = head == .language && shape.tiesEmbeddings
    return baseTensors(shape, head: head, scoresInAdapter: hasAdapter).reduce(0) { bytes, tensor in
      bytes + forms.form(of: tensor, isTied: isTied, precision).bytes * tensor.shape.reduce(1, *)
    }
  }
}

extension ModelDirectory {
  /// The parameters whose numbers the files have in bfloat16; none where there are no weights to be read.
  public func exactWeights(head: Transformer.Head) -> Set<String> {
    guard let source = try? weights() else { return [] }
    return WeightForms.exact(architecture.storedTensors(shape, head: head), in: source)
  }
}

extension WeightForms {
  /// The parameters that a checkpoint has in bfloat16, in every tensor that they stand in.
  static func exact(_ stored: [StoredTensor], in source: any TensorSource) -> Set<String> {
    func isExact(_ tensor: StoredTensor) -> Bool {
      source.information(tensor.name)?.elementType == .bfloat16
    }
    let exact = Set(stored.filter(isExact).flatMap { $0.blocks.map(\.parameter) })
    let rounded = Set(stored.filter { !isExact($0) }.flatMap { $0.blocks.map(\.parameter) })
    return exact.subtracting(rounded)
  }
}
