/// A thing of the nano world and what is true of it.
///
/// Places, foods and uses are complete phrases ("in the kitchen"), so that a sentence only sets them
/// after its verb. Empty where the world does not say.
struct Thing: Sendable, Equatable {
  var name: Bilingual
  /// A substance takes no article in English: "milk", not "a milk".
  var isSubstance: Bool
  var category: Bilingual
  var color: Bilingual?
  var place: Bilingual?
  var food: Bilingual?
  var use: Bilingual?
  /// How large an animal is, from 1 (an ant) to 9 (a whale).
  var size: Int?

  /// "an apple", "milk" or "苹果".
  func phrase(_ language: Language) -> String {
    switch language {
    case .english: isSubstance ? name.english : name.english.withArticle
    case .chinese: name.chinese
    }
  }
}

/// Everything there is, read from the tables beside this file.
enum World {
  static let colors: [Bilingual] = [
    Bilingual("red", "红色"), Bilingual("yellow", "黄色"), Bilingual("blue", "蓝色"),
    Bilingual("green", "绿色"), Bilingual("white", "白色"), Bilingual("black", "黑色"),
    Bilingual("brown", "棕色"), Bilingual("gray", "灰色"), Bilingual("orange", "橙色"),
    Bilingual("purple", "紫色"), Bilingual("pink", "粉色"),
  ]

  static let things: [Thing] = thingTable.rows.map { cells in
    Thing(
      name: Bilingual(cells[0].filter { $0 != "~" }, cells[1]),
      isSubstance: cells[0].hasPrefix("~"),
      category: pair(cells[2]) ?? Bilingual("thing", "东西"),
      color: colors.first { $0.english == cells[3] },
      place: pair(cells[4]), food: pair(cells[5]), use: pair(cells[6]), size: Int(cells[7]))
  }

  static let opposites: [(Bilingual, Bilingual)] = oppositeTable.rows.map { cells in
    (Bilingual(cells[0], cells[1]), Bilingual(cells[2], cells[3]))
  }

  /// Activities: what one wants to do, the short answer, the first two steps, the last step.
  static let activities: [[Bilingual]] = activityTable.rows.map { cells in
    cells.compactMap { pair($0) }
  }

  static let days: [Bilingual] = [
    Bilingual("Monday", "星期一"), Bilingual("Tuesday", "星期二"), Bilingual("Wednesday", "星期三"),
    Bilingual("Thursday", "星期四"), Bilingual("Friday", "星期五"), Bilingual("Saturday", "星期六"),
    Bilingual("Sunday", "星期日"),
  ]

  static let months: [Bilingual] = [
    Bilingual("January", "一月"), Bilingual("February", "二月"), Bilingual("March", "三月"),
    Bilingual("April", "四月"), Bilingual("May", "五月"), Bilingual("June", "六月"),
    Bilingual("July", "七月"), Bilingual("August", "八月"), Bilingual("September", "九月"),
    Bilingual("October", "十月"), Bilingual("November", "十一月"), Bilingual("December", "十二月"),
  ]

  static let people: [Bilingual] = [
    Bilingual("Tom", "小明"), Bilingual("Anna", "小红"), Bilingual("Ben", "小华"),
    Bilingual("Lily", "小丽"), Bilingual("Jack", "小刚"), Bilingual("Mary", "小芳"),
  ]

  /// A cell "english/中文"; nil if it is empty.
  private static func pair(_ cell: String) -> Bilingual? {
    let parts = cell.split(separator: "/").map(String.init)
    return parts.count == 2 ? Bilingual(parts[0], parts[1]) : nil
  }
}

extension String {
  /// A table as text: a row a line, cells between bars.
  fileprivate var rows: [[String]] {
    split(separator: "\n").map { line in
      line.split(separator: "|", omittingEmptySubsequences: false).map { cell in
        String(cell.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
      }
    }
  }
}
