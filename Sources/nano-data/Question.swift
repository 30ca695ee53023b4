/// A question as a user types it: a fact, a language, a wording.
struct Question: Sendable {
  var fact: Fact
  var language: Language
  var text: String
}

extension Question {
  /// Every fact in both languages and all wordings, in a fixed order.
  static let all: [Question] = Fact.all.flatMap { fact in
    Language.allCases.flatMap { language in
      openings(language).flatMap { opening in
        wordings(fact.kind, language).map { wording in
          let asked = wording.filled(["x": fact.subject[language]])
          return Question(fact: fact, language: language, text: opening + asked)
        }
      }
    }
  }

  private static func openings(_ language: Language) -> [String] {
    switch language {
    case .english: ["", "Hello! ", "Please tell me. "]
    case .chinese: ["", "你好！", "请告诉我，"]
    }
  }

  private static func wordings(_ kind: Fact.Kind, _ language: Language) -> [String] {
    language == .english ? englishWordings(kind) : chineseWordings(kind)
  }

  private static func englishWordings(_ kind: Fact.Kind) -> [String] {
    switch kind {
    case .color: ["What color is {x}?", "Which color does {x} have?"]
    case .category: ["What is {x}?", "What kind of thing is {x}?"]
    case .place: ["Where do you find {x}?", "Where is {x}?"]
    case .food: ["What does {x} eat?", "Which food does {x} like?"]
    case .use: ["What is {x} for?", "What do you do with {x}?"]
    case .toChinese: ["What is {x} in Chinese?", "How do you say {x} in Chinese?"]
    case .toEnglish: ["What is {x} in English?", "How do you say {x} in English?"]
    case .opposite: ["What is the opposite of {x}?", "Which word is the opposite of {x}?"]
    case .day: ["Which day comes after {x}?", "What is the day after {x}?"]
    case .month: ["Which month comes after {x}?", "What is the month after {x}?"]
    case .number: ["Which number comes after {x}?", "What is the number after {x}?"]
    case .size: ["Which is bigger, {x}?", "Is {x} bigger?"]
    case .activity: ["How do I {x}?", "How can I {x}?"]
    }
  }

  private static func chineseWordings(_ kind: Fact.Kind) -> [String] {
    switch kind {
    case .color: ["{x}是什么颜色？", "{x}的颜色是什么？"]
    case .category: ["{x}是什么？", "{x}是哪一种东西？"]
    case .place: ["{x}在哪里？", "在哪里能找到{x}？"]
    case .food: ["{x}吃什么？", "{x}喜欢吃什么？"]
    case .use: ["{x}是用来做什么的？", "{x}有什么用？"]
    case .toChinese: ["{x} 的中文是什么？", "{x} 用中文怎么说？"]
    case .toEnglish: ["{x}的英语是什么？", "{x}用英语怎么说？"]
    case .opposite: ["{x}的反义词是什么？", "哪个词是{x}的反义词？"]
    case .day, .month: ["{x}之后是什么？", "{x}的下一个是什么？"]
    case .number: ["{x}之后是几？", "{x}的下一个数是几？"]
    case .size: ["{x}哪个大？", "{x}，谁更大？"]
    case .activity: ["怎么{x}？", "我想{x}，怎么做？"]
    }
  }
}
