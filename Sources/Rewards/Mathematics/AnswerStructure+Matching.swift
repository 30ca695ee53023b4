/// Which of two answers had a percent sign: 50 % is 50 to some and 0.5 to others.
struct Percentages {
  var given = false
  var expected = false
}

extension AnswerStructure {
  /// Whether two answers are the same; each may be counted in hundredths, after a percent sign.
  func matches(
    _ expected: AnswerStructure, percent: Percentages = Percentages()
  ) -> Bool {
    switch (self, expected) {
    case (.value, .value):
      return valueMatches(expected, percent: percent)
    case (.tuple(let open, let these, let close), .tuple(let other, let those, let end)):
      return (open == other || Self.isEndless(these.first, those.first))
        && (close == end || Self.isEndless(these.last, those.last)) && Self.inOrder(these, those)
    case (.set(let these), .set(let those)):
      return Self.inAnyOrder(these, those)
    case (.matrix(let these), .matrix(let those)):
      return these.count == those.count && zip(these, those).allSatisfy(Self.inOrder)
    case (.equation(let left, let right), .equation(let otherLeft, let otherRight)):
      return Self.sameEquation((left, right), (otherLeft, otherRight))
    case (.equation(.value(let name, _, _), let right), .value) where !name.hasPrefix("-"):
      // "the area = 5" answers 5; "-x = 5" does not.
      return right.matches(expected, percent: percent)
    default:
      return false
    }
  }

  /// Whether an interval has no end here in either writing: nothing is in or out at infinity.
  private static func isEndless(_ first: AnswerStructure?, _ second: AnswerStructure?) -> Bool {
    [first, second].allSatisfy {
      guard case .value(let form, _, _)? = $0 else { return false }
      return form == "∞" || form == "-∞"
    }
  }

  private func valueMatches(_ expected: AnswerStructure, percent: Percentages) -> Bool {
    guard case .value(let form, let given, let isLiteral) = self,
      case .value(let otherForm, let wanted, let otherIsLiteral) = expected
    else { return false }
    if form == otherForm { return true }
    guard let given, let wanted else { return false }
    if otherIsLiteral, !isLiteral, (try? wanted.isWhole()) == true { return false }
    if (try? given.equals(wanted)) == true { return true }
    guard percent.given != percent.expected else { return false }
    let hundred = RationalExpression(100)
    return percent.given
      ? (try? given.equals(wanted.multiplied(by: hundred))) == true
      : (try? given.multiplied(by: hundred).equals(wanted)) == true
  }

  private static func inOrder(_ these: [AnswerStructure], _ those: [AnswerStructure]) -> Bool {
    these.count == those.count
      && zip(these, those).allSatisfy { $0.matches($1) }
  }

  /// Pairs each with the first unpaired equal; at most 64 of them.
  private static func inAnyOrder(_ these: [AnswerStructure], _ those: [AnswerStructure]) -> Bool {
    guard these.count == those.count, these.count <= 64 else { return false }
    var open = those
    for one in these {
      guard let index = open.firstIndex(where: { one.matches($0) }) else {
        return false
      }
      open.remove(at: index)
    }
    return true
  }

  /// Whether two equations say the same when all is brought to one side, up to sign.
  private static func sameEquation(
    _ first: (AnswerStructure, AnswerStructure), _ second: (AnswerStructure, AnswerStructure)
  ) -> Bool {
    if first.0.matches(second.0), first.1.matches(second.1) {
      return true
    }
    guard case .value(_, let a?, _) = first.0, case .value(_, let b?, _) = first.1,
      case .value(_, let c?, _) = second.0, case .value(_, let d?, _) = second.1,
      let left = try? a.subtracting(b), let right = try? c.subtracting(d)
    else { return false }
    return (try? left.equals(right)) == true
      || (try? left.equals(RationalExpression(0).subtracting(right))) == true
  }
}
