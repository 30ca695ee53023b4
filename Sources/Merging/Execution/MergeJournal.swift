import Checkpoints
import Glibc
import JSON

/// Which tensors of an unfinished merge are written, and what their bytes add up to.
///
/// A line for each, appended once the bytes have been handed to the system. It promises nothing: who resumes compares the sums with
/// what is on disk, so a lost write is found whatever the order in which a crash let things through. Each process writes a
/// file of its own, and all are read.
struct MergeJournal: ~Copyable {
  private let path: String
  private let descriptor: Int32

  /// Opens the journal of one of the processes that make an output.
  init(folder: String, writer: Int) throws(MergeError) {
    path = "\(folder)/\(MergeJournal.prefix)\(writer)"
    descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard descriptor >= 0 else { throw .system(path: path, operation: "open", code: errno) }
    // What a killed process left of a line ends here, and counts for nothing.
    try append("\n")
  }

  deinit { close(descriptor) }

  func record(_ tensor: String, _ sum: Checksum) throws(MergeError) {
    let line: JSON = ["tensor": .string(tensor), "sum": .string(String(sum.value, radix: 16))]
    try append(line.serialized(.compact) + "\n")
  }

  private func append(_ line: String) throws(MergeError) {
    let bytes = Array(line.utf8)
    guard write(descriptor, bytes, bytes.count) == bytes.count else {
      throw .system(path: path, operation: "write", code: errno)
    }
  }

  private static let prefix = "journal-"

  /// What all journals in a folder say; lines that are not whole say nothing.
  static func records(in folder: String) -> [String: Checksum] {
    var records: [String: Checksum] = [:]
    for name in PublishedFolder.names(in: folder) where name.hasPrefix(prefix) {
      for line in (MergeNotes.read("\(folder)/\(name)") ?? []).split(separator: UInt8(ascii: "\n"))
      {
        guard let entry = try? JSON(parsing: Array(line)), let tensor = entry["tensor"]?.string,
          let sum = entry["sum"]?.string.flatMap({ UInt64($0, radix: 16) })
        else { continue }
        records[tensor] = Checksum(value: sum)
      }
    }
    return records
  }
}

/// What an unfinished merge says of itself beside its files.
enum MergeNotes {
  /// Raised when the same plan makes other bytes than it did.
  static let revision = 1

  /// All that decides the bytes of a plan's tensors: nothing is resumed over another text.
  static func text(of plan: MergePlan, shardLimit: Int) -> String {
    var lines = [
      "revision \(revision)", "method \(plan.method.name)", "seed \(plan.configuration.seed)",
      "shards \(shardLimit)",
    ]
    for model in plan.models {
      lines.append("model \(model.name)")
      lines += model.weights.identity
    }
    lines += plan.tensors.map { text(of: $0) }
    return lines.joined(separator: "\n") + "\n"
  }

  /// A tensor in words, whatever is in its name; describing it by reflection took longer than planning it.
  private static func text(of tensor: PlannedTensor) -> String {
    func text(_ origin: PlannedTensor.Origin?) -> String {
      origin.map { "\($0.model.debugDescription) \($0.tensor.debugDescription)" } ?? "-"
    }
    let information = tensor.information
    let parameters = tensor.parameters
    var parts = [
      "tensor", information.name.debugDescription, information.elementType.rawValue,
      "\(information.shape)", "of", text(tensor.base),
    ]
    parts += tensor.models.map(text)
    parts += parameters.shared.map { "\($0.name) \($0.value)" }
    parts += parameters.perModel.map { "\($0.name) \($0.values)" }
    parts += ["copied", text(tensor.copied)]
    return parts.joined(separator: " ")
  }

  /// The bytes of a small file; nil if it cannot be read.
  static func read(_ path: String) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = Glibc.read(descriptor, &piece, piece.count)
      if count < 0 { return nil }
      if count == 0 { return bytes }
      bytes += piece[..<count]
    }
  }

  /// Writes a small file whole or not at all.
  ///
  /// Not onto the disk: a text that a crash lost is not the plan's, and nothing is resumed.
  static func write(_ text: String, _ path: String) throws(MergeError) {
    let temporary = "\(path).new"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard descriptor >= 0 else { throw .system(path: path, operation: "make", code: errno) }
    defer { close(descriptor) }
    let bytes = Array(text.utf8)
    guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count, rename(temporary, path) == 0
    else { throw .system(path: path, operation: "write", code: errno) }
  }
}
