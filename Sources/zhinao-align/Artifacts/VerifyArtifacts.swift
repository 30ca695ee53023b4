import ArgumentParser
import Artifacts
import JSON
import OrderedCollections
import Pipeline

struct VerifyArtifacts: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Reads every byte again and names what is damaged.")

  @OptionGroup var options: WorkspaceOptions

  func run() throws {
    let result = try options.store().verify()
    if options.json {
      let damage = result.damage.map { error, affects -> JSON in
        ["problem": .string("\(error)"), "affects": .array(affects.map { .string($0) })]
      }
      Console.result(
        JSON.object([
          "records": .integer(result.records), "objects": .integer(result.objects),
          "bytes": .integer(result.size), "damage": .array(damage),
          "unclaimed": .array(result.unclaimed.map { .string($0.hex) }),
        ]).serialized(.pretty))
    } else {
      Console.result(
        "\(Amount.count(result.records, "record")), \(Amount.count(result.objects, "object")), "
          + "\(Amount.bytes(result.size)): "
          + (result.damage.isEmpty ? "all sound" : Amount.count(result.damage.count, "fault")))
      if !result.unclaimed.isEmpty {
        Console.talk(
          "\(Amount.count(result.unclaimed.count, "object")) that nothing needs; "
            + "`artifacts gc` removes them")
      }
    }
    guard !result.damage.isEmpty else { return }
    let lines = result.damage.map { error, affects in
      "\(error)" + (affects.isEmpty ? "" : " (\(affects.joined(separator: ", ")))")
    }
    throw Failure(
      .badInput, lines.joined(separator: "\n") + "\nthe next run makes these stages again")
  }
}
