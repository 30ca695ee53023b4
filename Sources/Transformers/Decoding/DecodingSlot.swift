import Kernels

/// One sequence that is being continued: its keys and values, layer by layer.
public final class DecodingSlot {
  let caches: [KeyValueCache]
  /// How many tokens the caches hold.
  public internal(set) var length: Int
  /// Where the last of them is in the network's recording, if there is one.
  var recorded: ActivationRecording.Row?

  init(caches: [KeyValueCache], length: Int, recorded: ActivationRecording.Row? = nil) {
    self.caches = caches
    self.length = length
    self.recorded = recorded
  }

  /// A slot that goes on from here by itself; what it has in common with this one is kept once.
  public func fork() -> DecodingSlot {
    DecodingSlot(caches: caches.map { $0.fork() }, length: length, recorded: recorded)
  }
}
