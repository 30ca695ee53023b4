import JSON
import OrderedCollections
import Testing

@testable import Pipeline

@Suite struct SettingsTests {
  private func plain(_ text: String, line: Int) -> LocatedValue {
    LocatedValue(.scalar(text: text, isPlain: true), origin: .file(line: line, column: 9))
  }

  private func read(
    _ members: (String, String)...
  ) -> (settings: Counting.Settings?, problems: [SettingProblem]) {
    SettingsReading.read(
      LocatedValue(
        .mapping(
          members.enumerated().map { index, member in
            .init(
              key: member.0, keyOrigin: .file(line: index + 1, column: 5),
              value: plain(member.1, line: index + 1))
          }), origin: .file(line: 1, column: 1)))
  }

  @Test func whatIsNotSaidIsTheDefault() {
    let settings = read(("learning_rate", "1e-3"), ("steps", "1e1")).settings
    #expect(settings?.learningRate == 1e-3)
    #expect(settings?.steps == 10)
    #expect(settings?.amount == 1)
    #expect(settings?.lora == nil)
  }

  @Test func aGroupKeepsItsOtherDefaults() throws {
    let json: JSON = ["lora": ["r": 16]]
    let settings: Counting.Settings = try SettingsReading.read(json)
    #expect(settings.lora?.r == 16)
    #expect(settings.lora?.loraAlpha == 16)
    #expect(settings.lora?.targetModules == ["all"])
  }

  @Test func allKeysAreThereAlsoThoseOfNil() throws {
    let json = try SettingsReading.resolved(Counting.Settings())
    #expect(
      json.object?.keys == [
        "amount", "steps", "learning_rate", "save_steps", "loss_type", "name", "lora", "weights",
      ])
    #expect(json["lora"] == .null)
    let again: Counting.Settings = try SettingsReading.read(json)
    #expect(try SettingsReading.resolved(again) == json)
  }

  @Test func everyMistakeIsFoundInOnePass() {
    let problems = read(
      ("learing_rate", "1"), ("steps", "1_000"), ("loss_type", "sigmod"), ("amount", "yes"),
      ("weights", "3")
    ).problems
    #expect(problems.count == 5)
    #expect(problems.first?.message.contains("did you mean `learning_rate`?") == true)
    #expect(problems.first?.origin == .file(line: 1, column: 5))
    #expect(problems.dropFirst().first?.message == "`steps` wants a whole number, found `1_000`")
    #expect(
      problems.dropFirst(2).first?.message
        == "`loss_type` is one of sigmoid, ipo, hinge, found `sigmod`; did you mean `sigmoid`?")
    #expect(problems.dropFirst(3).first?.origin == .file(line: 4, column: 9))
  }

  @Test func noIsAWordWhereAWordIsWanted() {
    #expect(read(("name", "no")).settings?.name == "no")
    #expect(read(("name", "1:30")).settings?.name == "1:30")
    #expect(read(("name", "~")).settings?.name == nil)
    #expect(read(("steps", "")).settings == nil)
    #expect(read(("learning_rate", "nan")).settings == nil)
    #expect(read(("steps", "99999999999999999999")).settings == nil)
  }

  @Test func mistakesInGroupsAreFoundEach() {
    let group = LocatedValue(
      .mapping([
        .init(key: "rr", keyOrigin: .file(line: 7, column: 3), value: plain("1", line: 7)),
        .init(
          key: "lora_alpha", keyOrigin: .file(line: 8, column: 3), value: plain("x", line: 8)),
      ]), origin: .file(line: 7, column: 3))
    let (_, problems) = SettingsReading<Counting.Settings>.read(
      LocatedValue(
        .mapping([.init(key: "lora", keyOrigin: .file(line: 6, column: 3), value: group)]),
        origin: .file(line: 6, column: 1)))
    #expect(problems.map(\.path) == ["lora.rr", "lora.lora_alpha"])
  }

  @Test func aStagesOwnRulesHaveAPlace() {
    let given = LocatedValue(
      .mapping([
        .init(
          key: "learning_rate", keyOrigin: .file(line: 3, column: 5), value: plain("0", line: 3))
      ]), origin: .file(line: 3, column: 5))
    let (resolved, problems) = StageKind(Counting.self).resolve(given)
    #expect(resolved == nil)
    #expect(problems.first?.origin == .file(line: 3, column: 9))
  }

  @Test func eventsSurviveTheirLine() throws {
    let events: [StageEvent] = [
      .step(3, of: 10, metrics: ["loss": 0.25, "rewards/margins": -1]), .note("x\ny"),
      .progress("rows", done: 1, of: 2), .checkpoint(step: 4), .warning("w"),
      .sample(["prompt": "p"]), .summary(["loss": 1]), .failure(code: 65, message: "m"),
    ]
    for event in events {
      #expect(StageEvent(line: event.json.serialized(.compact)) == event)
    }
    #expect(StageEvent(line: "{\"event\": 3}") == nil)
  }

  @Test func ordersSurviveTheirFile() throws {
    let order = WorkOrder(
      kind: "k", stage: "a/1/b", settings: ["x": 1], inputs: ["m": ["/a", "/b"]],
      outputs: ["o": "/c"], work: "/w", seed: .max, ranks: 2, threads: 3)
    #expect(try WorkOrder(try JSON(parsing: order.json.serialized(.pretty))) == order)
  }
}
