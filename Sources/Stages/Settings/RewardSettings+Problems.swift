import Pipeline

extension [RewardSettings] {
  /// What is wrong with a list of rewards, at the paths under `rewards`.
  func problems() -> [SettingProblem] {
    indices.flatMap { index in
      let reward = self[index]
      var problems = reward.problems().map { problem in
        SettingProblem("rewards.\(index + 1).\(problem.key)", problem.message)
      }
      if self[..<index].contains(where: { $0.title == reward.title }) {
        problems.append(
          SettingProblem(
            "rewards.\(index + 1)",
            "`\(reward.title)` is listed twice: give one of them a `name` of its own"))
      }
      return problems
    }
  }
}

extension RewardSettings {
  typealias Problem = (key: String, message: String)

  /// What is wrong with one, by its keys.
  fileprivate func problems() -> [Problem] {
    var problems = misplaced()
    func check(
      _ isRight: Bool, _ key: String, _ found: some CustomStringConvertible, _ right: String
    ) {
      if !isRight { problems.append((key, "\(key) is \(found), where \(right) would be right")) }
    }
    check(weight.isFinite, "weight", weight, "a finite number")
    check(name.map { !$0.isEmpty && !$0.contains("/") } ?? true, "name", name ?? "", "a word")
    check((softPunishCache ?? 1) > 0, "soft_punish_cache", softPunishCache ?? 0, "1 or more")
    check((1...64).contains(ngramSize ?? 4), "ngram_size", ngramSize ?? 0, "1 to 64")
    check((maxPenalty ?? -1) <= 0, "max_penalty", maxPenalty ?? 0, "0 or less")
    let isOrdered =
      (minValueCorrect ?? 0.5) <= (maxValueCorrect ?? 1)
      && (minValueWrong ?? -1) <= (maxValueWrong ?? -0.5)
    if !isOrdered {
      problems.append(
        (
          "min_value_correct",
          "a least value of `cosine` is above its greatest (by default 0.5 and 1 for right answers, −1 "
            + "and −0.5 for wrong ones)"
        ))
    }
    check(
      kind != .program || command.first.map { !$0.isEmpty } ?? false, "command", "empty",
      "a list such as [python3, reward.py]")
    check(
      (0.001...86_400).contains(timeout ?? 60), "timeout", timeout ?? 0, "a number of seconds")
    return problems
  }

  /// Settings that its kind does not have: taken silently, they would seem to do something.
  private func misplaced() -> [Problem] {
    let given: [(key: String, isGiven: Bool, kinds: [Kind])] = [
      ("requires_thinking", requiresThinking != nil, [.math, .cosine]),
      ("soft_punish_cache", softPunishCache != nil, [.length]),
      ("ngram_size", ngramSize != nil, [.repetition]),
      ("normalize_reward", normalizeReward != nil, [.model]),
      ("max_penalty", maxPenalty != nil, [.repetition]),
      ("min_value_correct", minValueCorrect != nil, [.cosine]),
      ("max_value_correct", maxValueCorrect != nil, [.cosine]),
      ("min_value_wrong", minValueWrong != nil, [.cosine]),
      ("max_value_wrong", maxValueWrong != nil, [.cosine]),
      ("exceeded", exceeded != nil, [.cosine]), ("correct_limit", correctLimit != nil, [.cosine]),
      ("command", !command.isEmpty, [.program]), ("timeout", timeout != nil, [.program]),
    ]
    return given.filter { $0.isGiven && !$0.kinds.contains(kind) }.map { setting in
      let kinds = setting.kinds.map { "`\($0.rawValue)`" }.joined(separator: " and ")
      return (setting.key, "\(setting.key) is a setting of \(kinds), not of `\(kind.rawValue)`")
    }
  }
}
