/// Something true of the nano world, with a question that asks for it and ways to answer.
struct Fact: Sendable {
  var kind: Kind
  /// What the question's templates are filled with.
  var subject: Bilingual
  /// The answer in a word or two, without a full stop.
  var short: Bilingual
  var sentence: Bilingual
  /// A reason, an example or a further step that belongs to the answer.
  var more: Bilingual
  /// A sentence of the same form that is false.
  var mistake: Bilingual

  enum Kind: CaseIterable, Sendable {
    case color, category, place, food, use, toChinese, toEnglish, opposite, day, month, number,
      size,
      activity
  }
}

extension Fact {
  /// Every fact, in the order of the world's tables.
  static let all: [Fact] =
    attributes(.color, { $0.color }, "{a} is {v}.", "{a}是{v}的。", "{a} is {v} too.", "{a}也是{v}的。")
    + attributes(
      .category, { $0.category }, "{a} is a kind of {v}.", "{a}是一种{v}。",
      "{a} is a kind of {v} too.",
      "{a}也是一种{v}。")
    + attributes(
      .place, { $0.place }, "You find {a} {v}.", "{a}在{v}。", "you find {a} {v} too.", "{a}也在{v}。")
    + attributes(.food, { $0.food }, "{a} eats {v}.", "{a}吃{v}。", "{a} eats {v} too.", "{a}也吃{v}。")
    + uses + translations + opposites
    + successors(.day, World.days) + successors(.month, World.months)
    + successors(.number, (1...40).map { Bilingual(String($0), String($0)) }, wraps: false)
    + sizes + activities

  /// One fact for each thing that has the attribute; the example is the next thing with the same value.
  private static func attributes(
    _ kind: Kind, _ value: (Thing) -> Bilingual?, _ english: String, _ chinese: String,
    _ englishExample: String, _ chineseExample: String
  ) -> [Fact] {
    let known = World.things.compactMap { thing in value(thing).map { (thing, $0) } }
    return known.enumerated().map { index, entry in
      let (thing, answer) = entry
      func say(_ thing: Thing, _ value: Bilingual) -> Bilingual {
        Bilingual(
          english.filled(["a": thing.phrase(.english), "v": value.english]).sentenceCased,
          chinese.filled(["a": thing.phrase(.chinese), "v": value.chinese]))
      }
      let others = known[(index + 1)...] + known[..<index]
      let like = others.first { $0.1 == answer }?.0
      let unlike = others.first { $0.1 != answer }?.1 ?? answer
      let example = Bilingual(
        "For example, "
          + englishExample.filled(["a": (like ?? thing).phrase(.english), "v": answer.english]),
        "比如，" + chineseExample.filled(["a": (like ?? thing).phrase(.chinese), "v": answer.chinese]))
      return Fact(
        kind: kind, subject: Bilingual(thing.phrase(.english), thing.phrase(.chinese)),
        short: Bilingual(answer.english.sentenceCased, answer.chinese),
        sentence: say(thing, answer),
        more: like == nil ? everyoneKnows : example, mistake: say(thing, unlike))
    }
  }

  private static let everyoneKnows = Bilingual("You can see it for yourself.", "你可以自己看一看。")

  private static var uses: [Fact] {
    let tools = World.things.filter { $0.use != nil }
    return tools.enumerated().compactMap { index, thing in
      guard let use = thing.use, let wrong = tools[(index + 7) % tools.count].use else {
        return nil
      }
      func say(_ use: Bilingual) -> Bilingual {
        Bilingual(
          "\(thing.phrase(.english)) is for \(use.english).".sentenceCased,
          "\(thing.phrase(.chinese))是用来\(use.chinese)的。")
      }
      let more = thing.place.map {
        Bilingual("You find it \($0.english).", "它在\($0.chinese)。")
      }
      return Fact(
        kind: .use, subject: Bilingual(thing.phrase(.english), thing.phrase(.chinese)),
        short: Bilingual(use.english.sentenceCased, use.chinese), sentence: say(use),
        more: more ?? everyoneKnows, mistake: say(wrong))
    }
  }

  private static func successors(
    _ kind: Kind, _ names: [Bilingual], wraps: Bool = true
  ) -> [Fact] {
    (0..<(wraps ? names.count : names.count - 3)).map { index in
      func name(_ step: Int) -> Bilingual { names[(index + step) % names.count] }
      func say(_ a: Bilingual, _ b: Bilingual) -> Bilingual {
        Bilingual("After \(a.english) comes \(b.english).", "\(a.chinese)之后是\(b.chinese)。")
      }
      return Fact(
        kind: kind, subject: name(0), short: name(1), sentence: say(name(0), name(1)),
        more: Bilingual("And then comes \(name(2).english).", "然后是\(name(2).chinese)。"),
        mistake: say(name(0), name(3)))
    }
  }
}
