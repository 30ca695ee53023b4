import Randomness

/// Text for a needle in a haystack, in one language: sentences that say nothing of use, one that does, and a question for it.
///
/// Our own words, put together by random numbers alone, so that everybody has the same text and no model has read it.
struct NeedleText: Sendable {
  let language: String
  let separator: String
  private let people: [String]
  private let places: [String]
  private let deeds: [String]
  private let times: [String]
  private let cities: [String]
  private let sentence: @Sendable (String, String, String, String) -> String
  private let fact: @Sendable (String, String) -> String
  private let question: @Sendable (String) -> String
  let instruction: String

  static let all = ["en": english, "zh": chinese]

  /// One of the endless text's sentences.
  func filler(_ index: Int, _ random: CoordinateRandom, _ item: UInt64) -> String {
    func pick(_ words: [String], _ part: UInt64) -> String {
      let uniform = random.uniform(item << 8 | part, UInt64(index))
      return words[min(words.count - 1, Int(uniform * Double(words.count)))]
    }
    return sentence(pick(people, 0), pick(deeds, 1), pick(places, 2), pick(times, 3))
  }

  /// The sentence to be found, the question for it, and the number that answers it.
  func needle(
    _ random: CoordinateRandom, _ item: UInt64
  ) -> (fact: String, question: String, answer: String) {
    let city = cities[
      min(cities.count - 1, Int(random.uniform(item << 8 | 4, 0) * Double(cities.count)))]
    let number = "\(1_000_000 + Int(random.uniform(item << 8 | 5, 0) * 9_000_000))"
    return (fact(city, number), question(city), number)
  }

  private static let english = NeedleText(
    language: "en", separator: " ",
    people: [
      "The baker", "A gardener", "The teacher", "An old sailor", "My neighbour", "The clockmaker",
      "A young painter",
      "The miller", "The librarian", "A shepherd", "The postman", "Our cook",
    ],
    places: [
      "by the river", "behind the market", "on the long bridge", "near the station",
      "in the upper town",
      "under the lime trees", "at the harbour", "beside the mill", "in the north field",
      "at the edge of the wood",
    ],
    deeds: [
      "mends three chairs", "counts the passing boats", "sings an old song", "waits for the rain",
      "sells fresh bread",
      "reads the newspaper", "feeds the geese", "sweeps the yard", "paints a blue door",
      "looks for a lost key",
      "talks about the weather", "drinks a cup of tea",
    ],
    times: [
      "every morning", "before noon", "on quiet Sundays", "when the bells ring", "in late autumn",
      "after supper",
      "twice a week", "as long as it is light",
    ],
    cities: [
      "Lisbon", "Oslo", "Nairobi", "Lima", "Kyoto", "Dublin", "Cairo", "Quito", "Riga", "Accra",
    ],
    sentence: { "\($0) \($1) \($2) \($3)." },
    fact: { "The special magic \($0) number is: \($1)." },
    question: { "What is the special magic \($0) number? Answer with the number only." },
    instruction: "Read the text and answer the question behind it.")

  private static let chinese = NeedleText(
    language: "zh", separator: "",
    people: ["面包师", "园丁", "老师", "老水手", "邻居", "钟表匠", "年轻的画家", "磨坊主", "图书管理员", "牧羊人", "邮递员", "厨师"],
    places: ["在河边", "在市场后面", "在长桥上", "在车站附近", "在上城", "在椴树下", "在码头", "在磨坊旁", "在北边的田里", "在树林边"],
    deeds: [
      "修三把椅子", "数来往的船", "唱一首老歌", "等着下雨", "卖新鲜的面包", "读报纸", "喂鹅", "打扫院子", "漆一扇蓝色的门", "找一把丢失的钥匙",
      "谈论天气", "喝一杯茶",
    ],
    times: ["每天早晨", "中午以前", "安静的星期天", "钟声响起时", "深秋时节", "晚饭以后", "每周两次", "天还亮的时候"],
    cities: ["里斯本", "奥斯陆", "内罗毕", "利马", "京都", "都柏林", "开罗", "基多", "里加", "阿克拉"],
    sentence: { person, deed, place, time in "\(time)，\(person)\(place)\(deed)。" },
    fact: { "\($0)的特别神奇数字是：\($1)。" },
    question: { "\($0)的特别神奇数字是多少？只回答数字。" },
    instruction: "请阅读下面的文字，然后回答后面的问题。")
}
