extension Fact {
  /// Both directions for every thing and every word of the opposites.
  static var translations: [Fact] {
    let nouns = World.things.map { thing in
      (
        thing.name,
        Bilingual("It is a kind of \(thing.category.english).", "它是一种\(thing.category.chinese)。")
      )
    }
    let adjectives = World.opposites.flatMap { one, other in
      [
        (one, Bilingual("Its opposite is \(other.english).", "它的反义词是\(other.chinese)。")),
        (other, Bilingual("Its opposite is \(one.english).", "它的反义词是\(one.chinese)。")),
      ]
    }
    let words = nouns + adjectives
    return words.indices.flatMap { index in
      let wrong = words[(index + 11) % words.count].0
      return [
        toChinese(words[index].0, words[index].1, wrong: wrong),
        toEnglish(words[index].0, words[index].1, wrong: wrong),
      ]
    }
  }

  private static func toChinese(_ word: Bilingual, _ more: Bilingual, wrong: Bilingual) -> Fact {
    func say(_ answer: String) -> Bilingual {
      Bilingual(
        "In Chinese, \(word.english) is \(answer).", "\(word.english) 的中文是\(answer)。")
    }
    return Fact(
      kind: .toChinese, subject: Bilingual(word.english, word.english),
      short: Bilingual(word.chinese, word.chinese), sentence: say(word.chinese), more: more,
      mistake: say(wrong.chinese))
  }

  private static func toEnglish(_ word: Bilingual, _ more: Bilingual, wrong: Bilingual) -> Fact {
    func say(_ answer: String) -> Bilingual {
      Bilingual("In English, \(word.chinese) is \(answer).", "\(word.chinese)的英语是 \(answer)。")
    }
    return Fact(
      kind: .toEnglish, subject: Bilingual(word.chinese, word.chinese),
      short: Bilingual(word.english, word.english), sentence: say(word.english), more: more,
      mistake: say(wrong.english))
  }

  static var opposites: [Fact] {
    let pairs = World.opposites.flatMap { [($0.0, $0.1), ($0.1, $0.0)] }
    return pairs.indices.map { index in
      let (word, opposite) = pairs[index]
      let wrong = pairs[(index + 5) % pairs.count].0
      func say(_ a: Bilingual, _ b: Bilingual) -> Bilingual {
        Bilingual("The opposite of \(a.english) is \(b.english).", "\(a.chinese)的反义词是\(b.chinese)。")
      }
      return Fact(
        kind: .opposite, subject: word,
        short: Bilingual(opposite.english.sentenceCased, opposite.chinese),
        sentence: say(word, opposite),
        more: Bilingual(
          "And the opposite of \(opposite.english) is \(word.english).",
          "\(opposite.chinese)的反义词是\(word.chinese)。"),
        mistake: say(word, wrong))
    }
  }

  /// Which of two animals is bigger; only animals that differ by two sizes or more.
  static var sizes: [Fact] {
    let animals = World.things.filter { $0.size != nil }
    var facts: [Fact] = []
    for (index, one) in animals.enumerated() {
      for step in [3, 8, 14] {
        let other = animals[(index + step) % animals.count]
        guard let a = one.size, let b = other.size, abs(a - b) >= 2 else { continue }
        let (big, small) = a > b ? (one, other) : (other, one)
        func say(_ a: Thing, _ b: Thing) -> Bilingual {
          Bilingual(
            "\(a.phrase(.english)) is bigger than \(b.phrase(.english)).".sentenceCased,
            "\(a.phrase(.chinese))比\(b.phrase(.chinese))大。")
        }
        facts.append(
          Fact(
            kind: .size,
            subject: Bilingual(
              "\(one.phrase(.english)) or \(other.phrase(.english))",
              "\(one.phrase(.chinese))和\(other.phrase(.chinese))"),
            short: Bilingual(big.phrase(.english).sentenceCased, big.phrase(.chinese)),
            sentence: say(big, small),
            more: Bilingual(
              "\(small.phrase(.english)) is smaller.".sentenceCased, "\(small.phrase(.chinese))更小。"),
            mistake: say(small, big)))
      }
    }
    return facts
  }

  static var activities: [Fact] {
    let all = World.activities
    return all.indices.map { index in
      let steps = all[index]
      let wrong = all[(index + 6) % all.count]
      func stopped(_ text: Bilingual) -> Bilingual {
        Bilingual(text.english + ".", text.chinese + "。")
      }
      return Fact(
        kind: .activity, subject: steps[0], short: steps[1], sentence: stopped(steps[2]),
        more: stopped(steps[3]), mistake: stopped(wrong[2]))
    }
  }
}
