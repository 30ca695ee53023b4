import Kernels

/// One sequence that is being continued: its keys and values, layer by layer.
public final class DecodingSlot {
  let caches: [KeyValueCache]
  /// How many tokens the caches hold.
  public internal(set) var length: Int

  init(caches: [KeyValueCache], length: Int) {
    self.caches = caches
    self.length = length
  }

  /// A slot that goes on from here by itself; what it has in common with this one is kept once.
  public func fork() -> DecodingSlot {
    DecodingSlot(caches: caches.map { $0.fork() }, length: length)
  }
}
