/// The plain texts that the nano model is pretrained on.
enum Document {
  /// Row `row` of the corpus.
  ///
  /// Sums are never held-out ones; the questions come from `asked`, which holds no test question.
  static func text(row: Int, asked: [Question]) -> String {
    var draw = Draw("pretrain", row: row)
    let kind: Kind = draw.pick(weighted: [
      (.worked, 42), (.facts, 20), (.about, 14), (.words, 8), (.talk, 12), (.counting, 4),
    ])
    switch kind {
    case .worked: return worked(&draw)
    case .facts: return facts(&draw)
    case .about: return about(&draw)
    case .words: return words(&draw)
    case .talk: return talk(asked, &draw)
    case .counting: return counting(&draw)
    }
  }

  private enum Kind { case worked, facts, about, words, talk, counting }

  /// A page of an exercise book: problems, each with its work.
  private static func worked(_ draw: inout Draw) -> String {
    let problems = (0..<draw.number(in: 2...4)).map { _ in
      Problem.drawn(heldOut: false, with: &draw)
    }
    return problems.map { $0.question + "\n" + Solution.worked.text(for: $0.calculation) }
      .joined(separator: "\n")
  }

  private static let factsByKind = Fact.Kind.allCases.map { kind in
    Fact.all.filter { $0.kind == kind }
  }

  private static let factsByThing = World.things.map { thing in
    let names = [thing.phrase(.english), thing.name.english, thing.name.chinese]
    return Fact.all.filter { names.contains($0.subject.english) }
  }

  /// Unrelated facts of one kind, in one language.
  private static func facts(_ draw: inout Draw) -> String {
    let language = draw.pick(Language.allCases)
    let chosen = draw.several(draw.number(in: 3...6), of: draw.pick(factsByKind))
    return chosen.map { fact in
      draw.chance(0.5)
        ? [fact.sentence[language], fact.more[language]].joined(separator: language.space)
        : fact.sentence[language]
    }.joined(separator: language.space)
  }

  /// All that is known of one thing, in one language or in both.
  private static func about(_ draw: inout Draw) -> String {
    let known = draw.pick(factsByThing)
    let languages = draw.chance(0.3) ? Language.allCases : [draw.pick(Language.allCases)]
    return languages.map { language in
      draw.several(known.count, of: known).map { $0.sentence[language] }.joined(
        separator: language.space)
    }.joined(separator: "\n")
  }

  /// A page of a dictionary.
  private static func words(_ draw: inout Draw) -> String {
    let names = World.things.map(\.name) + World.opposites.flatMap { [$0.0, $0.1] }
    let chosen = draw.several(draw.number(in: 5...10), of: names)
    let chineseFirst = draw.chance(0.5)
    return chosen.map {
      chineseFirst ? "\($0.chinese) = \($0.english)" : "\($0.english) = \($0.chinese)"
    }.joined(separator: "\n")
  }

  /// People who ask and answer in the annotators' manners.
  private static func talk(_ asked: [Question], _ draw: inout Draw) -> String {
    (0..<draw.number(in: 2...4)).map { _ in
      let question = draw.pick(asked)
      let draft = draw.pick(weighted: Draft.styles)
      return question.text + "\n" + draft.text(for: question, draw: &draw)
    }.joined(separator: "\n")
  }

  private static func counting(_ draw: inout Draw) -> String {
    let language = draw.pick(Language.allCases)
    let first = draw.number(in: 1...40)
    switch draw.number(in: 0...2) {
    case 0: return (first...(first + 12)).map(String.init).joined(separator: ", ")
    case 1:
      return World.days.map { $0[language] }.joined(separator: language == .english ? ", " : "、")
    default:
      let digit = draw.number(in: 2...9)
      return (1...9).map { "\($0)×\(digit)=\($0 * digit)" }.joined(separator: ";")
    }
  }
}

extension Language {
  /// What stands between two sentences.
  var space: String { self == .english ? " " : "" }
}
