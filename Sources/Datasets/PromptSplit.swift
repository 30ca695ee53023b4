/// On which side of a split between training and evaluation a row stands: by its prompt alone.
///
/// A row's place in the file, its answers and the other rows do not matter, so the same question is
/// never on both sides, in no file and after no change of the data. What counts is the first thing that
/// is asked: conversations that go on differently from one question stay together.
public enum PromptSplit {
  /// From 0 to below 1, even over different prompts; capitals and white space make no difference.
  public static func position(of row: Row) -> Double {
    let words = (row.questions.first ?? "").lowercased().split(whereSeparator: \.isWhitespace)
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for word in words {
      for byte in word.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
      hash = (hash ^ 0x20) &* 0x0000_0100_0000_01B3
    }
    // FNV's high bits are uneven on short texts; SplitMix64's finish spreads them.
    hash = (hash ^ hash >> 30) &* 0xBF58_476D_1CE4_E5B9
    hash = (hash ^ hash >> 27) &* 0x94D0_49BB_1331_11EB
    hash ^= hash >> 31
    return Double(hash >> 11) * 0x1p-53
  }

  /// Whether a row is kept for evaluation where so large a share is.
  public static func isHeldOut(_ row: Row, share: Double) -> Bool { position(of: row) < share }
}
