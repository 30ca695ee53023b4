/// A linear layer's weights [outputs, inputs] as decoding reads them: panels of sixteen outputs, each one
/// stretch of memory, in 32, 16, 8 or 4 bits.
///
/// Decoding is bound by reading weights. Whatever they are kept in, a product multiplies the float32
/// numbers that they stand for, in the chains of every other product: weights that were rounded
/// beforehand give the same bits from every format that holds them exactly. Only where products in bfloat16 are those
/// of block floating point are weights in bfloat16 kept, and multiplied, as those do it.
public final class PackedWeights {
  /// What a weight is kept in.
  public enum Format: String, Sendable, CaseIterable {
    case float32
    /// Rounded to nearest. Of every input eight words: in each an output and the eighth after it.
    case bfloat16
    /// GGUF's Q8_0: 32 inputs of an output share a half-precision scale. Of every two inputs eight words:
    /// in each an output and the eighth after it, of one input and of the next.
    case int8
    /// GGUF's Q4_1: 32 inputs of an output share a half-precision scale and minimum. Of every four inputs
    /// eight words: in each an output and the eighth after it, input by input.
    case int4

    /// Bytes of sixteen outputs and `inputs` inputs.
    ///
    /// Inputs are filled up to a multiple of four: they are read so.
    func byteCount(inputs: Int) -> Int {
      let inputs = (inputs + 3) / 4 * 4
      let groups = (inputs + PackedWeights.group - 1) / PackedWeights.group
      switch self {
      case .float32: return 64 * inputs
      case .bfloat16: return 32 * inputs
      case .int8: return groups * (32 + 16 * PackedWeights.group)
      case .int4: return groups * (64 + 8 * PackedWeights.group)
      }
    }
  }

  /// How many inputs share a scale.
  static let group = 32

  public let outputs: Int
  public let inputs: Int
  public let format: Format
  /// Whether the numbers are in block floating point (`BlockPanel`), as products in bfloat16 read them.
  let isInBlocks: Bool
  /// From one panel to the next.
  let panelBytes: Int
  let memory: UnsafeMutableRawPointer
  public let byteCount: Int
  private let stretch: Pages

  /// Room for weights in memory that a network's weights share; `fill` puts them there.
  public convenience init(
    outputs: Int, inputs: Int, format: Format, in shared: WeightMemory = WeightMemory()
  ) {
    self.init(outputs: outputs, inputs: inputs, format: format, isInBlocks: false, in: shared)
  }

  init(outputs: Int, inputs: Int, format: Format, isInBlocks: Bool, in shared: WeightMemory) {
    precondition(outputs > 0 && inputs > 0, "no weights of [\(outputs), \(inputs)]")
    self.outputs = outputs
    self.inputs = inputs
    self.format = format
    self.isInBlocks = isInBlocks
    panelBytes =
      isInBlocks
      ? 4 * BlockPanel.words * BlockFloat.blocks(inputs)
      : (format.byteCount(inputs: inputs) + 63) / 64 * 64
    byteCount = (outputs + 15) / 16 * panelBytes
    (stretch, memory) = shared.take(byteCount)
  }

  var panelCount: Int { (outputs + 15) / 16 }

  func panel(_ index: Int) -> UnsafeMutableRawPointer { memory + index * panelBytes }
}
