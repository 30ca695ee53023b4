/// Which network a row is of.
enum RowModel: String, Codable {
  /// SmolLM2-135M's shape with random weights.
  case smol
  /// The repository's own, of 2.8 million weights.
  case nano
  /// SmolLM2-135M-Instruct as a Q4_1 GGUF.
  case quantized
}

/// One line of the table: the same work by both sides.
struct Row {
  var name: String
  var title: String
  var work: WorkKind
  var model = RowModel.smol
  /// The words that both sides are given.
  var words: [String]
  /// More words for our side: what the peer has no like of.
  var ownWords: [String] = []
  /// The peer's script; nil where it is not measured.
  var script: String?
  /// How many times the peer's speed is asked for.
  var target: Double?
  /// The most of the peer's peak memory that is allowed.
  var memoryTarget: Double?
  /// Processes of each side.
  var ranks = 1
  /// Threads of each process; nil takes those of the run.
  var threads: Int?
  /// Where a row is a point of a curve: the curve's name and the point's place.
  var point: CurvePoint?

  /// Chosen by its name, or by the beginning of it that ends at a hyphen.
  func isChosen(by word: String) -> Bool { name == word || name.hasPrefix(word + "-") }
}

/// A row's place on a curve.
struct CurvePoint: Codable {
  var curve: String
  /// What grows.
  var axis: String
  var value: Int
}
