import Foundation
import JSON
import Testing

@testable import nano_data

/// What lies in `data/nano` and `models/nano-seed` is what the generator makes.
struct CommittedDataTests {
  static let everything = NanoData()
  static let corpus = everything.pretraining()
  static let dialogues = everything.dialogues()
  static let files = [corpus.train, dialogues, corpus.test] + everything.stages

  private static let repository = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  private static func text(_ path: String) throws -> String {
    try String(contentsOf: repository.appending(path: path), encoding: .utf8)
  }

  /// What pretraining reads is not committed; its digests in data/README.md stand for it.
  @Test func everyFileIsMadeAgainByteForByte() throws {
    #expect(CommittedDataTests.files.count == 11)
    for file in CommittedDataTests.files.dropFirst(2) {
      let kept = try CommittedDataTests.text("data/nano/\(file.name)")
      #expect(kept == file.text, "\(file.name) is not what nano-data writes")
    }
  }

  @Test func theReadmeNamesEveryFileWithItsRowsAndDigest() throws {
    let readme = try CommittedDataTests.text("data/README.md")
    for file in CommittedDataTests.files {
      #expect(readme.contains(NanoDataCommand.row(of: file)), "data/README.md lacks \(file.name)")
    }
  }

  @Test func theTokenizerIsTheOneTrainedOnTheCorpus() throws {
    let texts = CommittedDataTests.corpus.train.rows.compactMap { $0["text"]?.string }
    let made = SeedModel.files(trainedOn: texts)
    #expect(made.count == 4)
    for file in made {
      let kept = try CommittedDataTests.text("models/nano-seed/\(file.name)")
      #expect(kept == file.text, "models/nano-seed/\(file.name) is not what nano-data writes")
    }
  }

  /// Every file for training against every held-out file: no prompt, question or text in both.
  @Test func nothingHeldOutIsTrainedOn() {
    func key(_ row: JSON) -> String {
      let first = row["messages"]?.array?.first?["content"] ?? row["prompt"]
      return (first ?? row["question"] ?? row["text"])?.string ?? ""
    }
    let (tests, training) = (
      CommittedDataTests.files.filter { $0.name.contains("-test") },
      CommittedDataTests.files.filter { !$0.name.contains("-test") }
    )
    #expect(tests.count == 5)
    let trained = Set(training.flatMap { $0.rows.map(key) })
    #expect(!trained.contains(""))
    for file in tests {
      #expect(!file.rows.contains { trained.contains(key($0)) }, "\(file.name) overlaps")
    }
  }

  /// A held-out sum is in no training file in any wording: "347+285" neither as figures in a question
  /// nor as the head of a chain.
  @Test func noHeldOutSumIsWorkedInTraining() {
    let training = CommittedDataTests.files.filter { !$0.name.contains("-test") }
    var worked = 0
    for file in training {
      for row in file.rows {
        let parts = row.serialized(.compact).split(separator: "<think>").dropFirst()
        for part in parts {
          let head = part.prefix { $0 != ":" && $0 != "=" }
          guard let calculation = Calculation(parsing: String(head)) else {
            Issue.record("no calculation in \(head)")
            return
          }
          worked += 1
          if calculation.isHeldOut { Issue.record("\(file.name) works out \(head)") }
        }
      }
    }
    #expect(worked > 50_000)
  }
}

extension Calculation {
  fileprivate init?(parsing text: String) {
    for operation in Operation.allCases {
      let numbers = text.split(separator: operation.rawValue).compactMap { Int($0) }
      if numbers.count == 2 {
        self.init(left: numbers[0], operation: operation, right: numbers[1])
        return
      }
    }
    return nil
  }
}
