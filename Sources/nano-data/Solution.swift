/// How an annotator answers a problem.
///
/// All three give the right number, but only `worked` writes down what a small model needs to get
/// there; the others teach it to guess, which reinforcement learning has to unlearn.
enum Solution: Sendable {
  case worked, skipped, atOnce

  static let styles: [(Solution, Int)] = [(.worked, 40), (.skipped, 25), (.atOnce, 35)]

  func text(for calculation: Calculation) -> String {
    let answer = "\\boxed{\(calculation.value)}"
    return switch self {
    case .worked: "<think>\(calculation.steps)</think>\(answer)"
    case .skipped: "<think>\(calculation.text)=\(calculation.value)</think>\(answer)"
    case .atOnce: answer
    }
  }
}

/// A problem in words or figures whose answer can be checked.
struct Problem: Sendable, Hashable {
  var calculation: Calculation
  var question: String

  static func drawn(heldOut: Bool, with draw: inout Draw) -> Problem {
    let isStory = draw.chance(0.3)
    let calculation = Calculation.drawn(heldOut: heldOut, small: isStory, with: &draw)
    let language = draw.pick(Language.allCases)
    let wording = draw.pick(isStory ? stories(calculation.operation, language) : plain(language))
    let question = wording.filled([
      "e": calculation.text, "a": String(calculation.left), "b": String(calculation.right),
      "p": draw.pick(World.people)[language], "x": draw.pick(goods)[language],
    ])
    return Problem(calculation: calculation, question: question)
  }

  private static let goods = [
    Bilingual("apples", "苹果"), Bilingual("pears", "梨"), Bilingual("eggs", "鸡蛋"),
    Bilingual("lemons", "柠檬"), Bilingual("pens", "钢笔"), Bilingual("cups", "杯子"),
  ]

  private static func plain(_ language: Language) -> [String] {
    switch language {
    case .english: ["{e}=?", "What is {e}?", "Work out {e}."]
    case .chinese: ["{e}=？", "{e}等于几？", "计算{e}。"]
    }
  }

  private static func stories(_ operation: Calculation.Operation, _ language: Language) -> [String]
  {
    switch (operation, language) {
    case (.plus, .english):
      [
        "{p} has {a} {x} and buys {b} more. How many {x} now?",
        "There are {a} {x} and {b} more come. How many {x} in all?",
      ]
    case (.plus, .chinese): ["{p}有{a}个{x}，又买了{b}个，现在有几个？", "有{a}个{x}，又来了{b}个，一共几个？"]
    case (.minus, .english):
      [
        "{p} has {a} {x} and sells {b}. How many {x} are left?",
        "There are {a} {x} and {b} are taken away. How many {x} are left?",
      ]
    case (.minus, .chinese): ["{p}有{a}个{x}，卖了{b}个，还剩几个？", "有{a}个{x}，拿走{b}个，还剩几个？"]
    case (.times, .english):
      [
        "There are {a} boxes with {b} {x} in each. How many {x} in all?",
        "{p} buys {a} bags of {b} {x}. How many {x} in all?",
      ]
    case (.times, .chinese): ["有{a}个盒子，每个有{b}个{x}，一共几个？", "{p}买了{a}袋{x}，每袋{b}个，一共几个？"]
    }
  }
}
