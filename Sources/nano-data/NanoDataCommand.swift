import COpenSSL
import Foundation
import Glibc
import JSON

/// `nano-data DATA [MODEL]` writes the nano model's data into the folder DATA and, if named, the
/// weightless model folder into MODEL, and prints a README row for each file of data.
@main
enum NanoDataCommand {
  static func main() {
    let folders = CommandLine.arguments.dropFirst()
    guard let data = folders.first, folders.count <= 2, !data.hasPrefix("-") else {
      complain("usage: nano-data DATA-FOLDER [MODEL-FOLDER]")
      exit(64)
    }
    do {
      let everything = NanoData()
      let pretraining = everything.pretraining()
      for file in [pretraining.train, everything.dialogues(), pretraining.test] + everything.stages
      {
        try write(file.text, to: data, file.name)
        print(row(of: file))
      }
      if let model = folders.dropFirst().first {
        let texts = pretraining.train.rows.compactMap { $0["text"]?.string }
        for file in SeedModel.files(trainedOn: texts) { try write(file.text, to: model, file.name) }
      }
    } catch {
      complain("nano-data: cannot write: \(error)")
      exit(74)
    }
  }

  private static func complain(_ message: String) {
    FileHandle.standardError.write(Data((message + "\n").utf8))
  }

  private static func write(_ text: String, to folder: String, _ name: String) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: URL(filePath: folder).appending(path: name), options: .atomic)
  }

  /// `name | rows | SHA-256`, the columns of data/README.md that change with the contents.
  static func row(of file: RowFile) -> String {
    "| `nano/\(file.name)` | \(file.rows.count) | `\(sha256(file.text))` |"
  }

  static func sha256(_ text: String) -> String {
    var digest = [UInt8](repeating: 0, count: 32)
    let bytes = Array(text.utf8)
    guard EVP_Digest(bytes, bytes.count, &digest, nil, EVP_sha256(), nil) == 1 else { return "" }
    return digest.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
  }
}
