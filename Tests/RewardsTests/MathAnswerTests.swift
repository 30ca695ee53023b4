import Testing

@testable import Rewards

@Suite struct MathAnswerTests {
  @Test(arguments: [
    ("so \\boxed{4} and then \\boxed{\\frac{1}{2}}.", "\\frac{1}{2}"),
    ("<think>\\boxed{1}</think> It is \\boxed{2}", "2"), ("10 * 2 = 20\n#### 1,200", "1,200"),
    ("\\boxed{\\{1, 2\\}}", "\\{1, 2\\}"),
    ("\\boxed{\\left\\{ x \\right.}", "\\left\\{ x \\right."), ("\\fbox{7}", "7"),
    ("\\boxed 5 is it", "5"),
  ])
  func theAnswerIsTheLastOne(completion: String, answer: String) {
    #expect(MathAnswer.extracted(from: completion) == answer)
  }

  @Test(arguments: [
    "no answer", "\\boxed{1", "<think> \\boxed{1}", "<think>\\boxed{1}</think> so it is 1",
  ])
  func whatIsNotAnAnswerIsNone(completion: String) {
    #expect(MathAnswer.extracted(from: completion) == nil)
  }

  @Test(arguments: [
    ("\\frac12", "\\frac{1}{2}"), ("1/2", "\\dfrac{1}{2}"), ("0.5", "\\frac{1}{2}"),
    (".5", "0.5"), ("50%", "0.5"), ("50\\%", "50"), ("0.5", "50\\%"), ("1,234", "1234"),
    ("10,\\!080", "10080"), ("\\$18.00", "18"), ("18 dollars", "18"),
    ("32\\text{ square cm}", "32"),
    ("4 feet", "4 \\text{ feet}"), ("90", "90^\\circ"), ("x=5", "5"), ("x \\in [-2,7]", "[-2, 7]"),
    ("\\text{Evelyn}", "evelyn"), ("E", "\\text{(E)}"), ("(3, -1)", "\\left(3,-1\\right)"),
    ("-\\frac{3}{4}", "\\frac{-3}{4}"), ("\\frac{2}{\\sqrt{3}}", "\\frac{2\\sqrt{3}}{3}"),
    ("\\sqrt{12}", "2\\sqrt3"), ("1+2\\sqrt{3}", "2\\sqrt{3} + 1"), ("(x+1)^2", "x^2+2x+1"),
    ("29b(5b+1)", "145b^2 + 29b"), ("\\frac{x^2-1}{x-1}", "x+1"), ("2\\pi r", "2 r\\pi"),
    ("3\\frac{1}{2}", "3.5"), ("3 1/2", "\\frac72"), ("6 - 5i", "-5i+6"), ("-7", "7i^2"),
    ("1 - \\sqrt{19}, 1 + \\sqrt{19}", "1 \\pm \\sqrt{19}"), ("-2, 1", "1,-2"),
    ("\\{2,1\\}", "1, 2"), ("2, 3, 4", "2, 3, \\text{ and } 4"),
    ("(5,\\infty) \\cup (-\\infty,-1)", "(-\\infty, -1)\\cup(5,\\infty)"),
    ("\\begin{pmatrix} 1/2 \\\\ 3 \\end{pmatrix}", "\\begin{pmatrix} 0.5\\\\3 \\end{pmatrix}"),
    ("4 + 5x - 7y = 0", "5x - 7y + 4 = 0"), ("2^{10}", "2^9 \\cdot 2"), ("2516_8", "2516_{8}"),
    ("y = 2x + 3", "y=3+2x"), ("\\frac{270}7\\text{ degrees}", "270/7"), ("42.0", "42"),
    ("4/2", "2"), ("(43)", "43"), ("((x+1))", "x+1"), ("15\\mbox{ cm}^{2}", "15\\mbox{ cm}^2"),
    ("[-\\infty, 5)", "(-\\infty,5)"), ("(\\frac{2}{3})", "\\frac23"), ("$\\frac{3}{4}$", "0.75"),
    ("\\sqrt{\\frac{1}{2}}", "\\frac{\\sqrt 2}{2}"), ("\\frac{1}2", "\\frac12"), ("= 5", "5"),
    ("x == 4", "4"),
    ("--3", "3"), ("2 \\sqrt3{}", "2\\sqrt{3}"), ("24_10", "24_{10}"),
    ("\\log_{2}{x}", "\\log_2 x"),
    ("\\mathbb R", "\\mathbb{R}"), ("\\sqrt[3]{\\log 2}", "\\sqrt[ 3 ]{\\log 2}"),
    ("x^10", "x^{10}"), ("2^10", "2^9*2"), ("\\sin{x}", "\\sin x"), ("\\pi{r}^2", "\\pi r^2"),
    ("14 641", "14641"), ("1\\,234\\,567.5", "1234567.5"), ("2, 3, and 4", "2, 3, 4"),
    ("6, 8\\text{, and }10", "6, 8, 10"),
  ])
  func writingsOfOneAnswerAreEqual(first: String, second: String) {
    #expect(MathAnswer.areEquivalent(first, second))
    #expect(MathAnswer.areEquivalent(second, first) || first == "7i^2" || second == "7i^2")
  }

  @Test(arguments: [
    ("1", "2"), ("2+2", "4"), ("(3,4)", "(3,4]"), ("(3,4)", "(4,3)"), ("1,2", "1,2,3"),
    ("\\sqrt{2}", "1.414"), ("x+1", "x-1"), ("12", "1,2"), ("0.333", "\\frac13"), ("", ""),
    ("", "0"), ("2516", "2516_8"), ("\\frac{1}{0}", "\\frac{2}{0}"), ("\\log 2", "\\log 3"),
    ("5\\%", "500"), ("even", "odd"), ("-5", "5"), ("1 2", "12.5"),
    ("-\\text{(E)}", "\\text{(E)}"), ("(1)(2)", "12"), ("[1, 5)", "(1,5)"), ("(43", "430"),
    ("(1;2)", "1"), ("-x=5", "x=5"), ("\\frac{1}{66}3", "\\frac{1}{663}"),
    ("\\frac{63}4{00}", "\\frac{63}{400}"), ("\\fra{c1}{3}", "\\frac13"),
    ("\\frac{1}{}9", "\\frac{1}{9}"), ("\\sqrt{}5", "\\sqrt{5}"), ("(1,,2)", "(1,2)"),
    ("24_{1}0", "24_{10}"), ("1 1/2", "11/2"), ("13 4", "134"), ("13 4", "52"), ("3. 5", "3.5"),
    ("81%6", "816"), ("19x^41", "19x^4"), ("10\\p i", "10\\pi"), ("\\ta nx", "\\tan x"),
  ])
  func differentAnswersDiffer(first: String, second: String) {
    #expect(!MathAnswer.areEquivalent(first, second))
  }

  /// Bounded work: none of these takes noticeable time, and none traps.
  @Test(arguments: [
    String(repeating: "(", count: 400), String(repeating: "{", count: 5000),
    String(repeating: "\\frac", count: 90), "9^{9^{9^9}}", "(a+b+c+d+e+f+g+h+k)^{60}",
    String(repeating: "9", count: 500), "1/0", "\\sqrt{-1}", "\\sqrt[9]{9}", "^^^", "_", "x_{",
    "((x+y)^{64})^{64}", "170141183460469231731687303715884105727*2",
    "\\begin{pmatrix}\\end{pmatrix}",
    String(repeating: "1,", count: 250), String(repeating: "\\pm 1", count: 60), "\\text{", "=",
    ",",
    "(((((((((1,2),3),4),5),6),7),8),9),10)", "-(-(-(1)))", "9223372036854775807^{64}",
  ])
  func hostileAnswersAreJustWrong(answer: String) {
    #expect(!MathAnswer.areEquivalent(answer, "7"))
    #expect(!MathAnswer.areEquivalent("7", answer))
    _ = MathAnswer.areEquivalent(answer, answer + "+0")
    _ = MathAnswer.extracted(from: "\\boxed{" + answer)
  }

  @Test func theRewardIsOneOrZero() {
    let reward = MathReward()
    let right = "<think>hm</think> \\boxed{\\frac{2}{4}}"
    #expect(
      reward.score(prompt: "", completion: right, answer: "####  0.5", isTruncated: false) == 1)
    #expect(reward.score(prompt: "", completion: "0.5", answer: "0.5", isTruncated: false) == 0)
    #expect(reward.score(prompt: "", completion: right, answer: nil, isTruncated: false) == 0)
    let strict = MathReward(requiresThinking: true)
    #expect(
      strict.score(prompt: "", completion: "\\boxed{1}", answer: "1", isTruncated: false) == 0)
  }
}
