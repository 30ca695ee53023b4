import Kernels
import Randomness

extension Transformer {
  /// Draws the base's weights: normal with the shape's deviation, gains one, biases zero.
  ///
  /// Each number is a function of (seed, tensor's name, element), so the same on every machine.
  public func initialize(seed: UInt64) {
    for slot in base.slots where !slot.name.hasSuffix(".bias") {
      let isGain = slot.isVector
      let random = CoordinateRandom(seed: seed, stream: "initialize/\(slot.name)")
      let values = (0..<slot.range.count).map { index in
        isGain ? 1 : Float(random.normal(UInt64(index)) * shape.initializerRange)
      }
      base.values.copy(from: values, at: slot.offset)
    }
    roundCopies()
  }

  /// Draws the adapter's A, uniform in ±1/√inputs as PEFT's default does.
  ///
  /// B stays zero, so that the network starts as its base; a score head beside it starts at zero too.
  public func initializeAdapter(seed: UInt64) {
    guard let adapter else { return }
    for slot in adapter.slots where slot.name.hasSuffix("lora_A.weight") {
      let random = CoordinateRandom(seed: seed, stream: "initialize/\(slot.name)")
      let bound = 1 / Double(slot.columns).squareRoot()
      let values = (0..<slot.range.count).map { index in
        Float((2 * random.uniform(UInt64(index)) - 1) * bound)
      }
      adapter.values.copy(from: values, at: slot.offset)
    }
  }
}
