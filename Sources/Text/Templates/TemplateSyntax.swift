/// An expression and where it begins in the source.
struct TemplateExpression: Sendable {
  indirect enum Kind: Sendable {
    case literal(TemplateValue)
    case name(String)
    case list([TemplateExpression])
    case dictionary([(TemplateExpression, TemplateExpression)])
    case attribute(TemplateExpression, String)
    case item(TemplateExpression, TemplateExpression)
    case slice(
      TemplateExpression, start: TemplateExpression?, stop: TemplateExpression?,
      step: TemplateExpression?)
    case call(TemplateExpression, TemplateArguments)
    case filter(TemplateExpression, name: String, TemplateArguments)
    case test(TemplateExpression, name: String, TemplateArguments)
    case unary(String, TemplateExpression)
    case binary(String, TemplateExpression, TemplateExpression)
    /// `a < b < c`: every neighbouring pair holds.
    case comparison(TemplateExpression, [(sign: String, right: TemplateExpression)])
    case conditional(TemplateExpression, then: TemplateExpression, otherwise: TemplateExpression?)
  }
  var kind: Kind
  var at: Int
}

struct TemplateArguments: Sendable {
  var positional: [TemplateExpression] = []
  var named: [(name: String, value: TemplateExpression)] = []
}

/// A piece of a template: text, or what a tag does.
indirect enum TemplateStatement: Sendable {
  case text(TemplateText)
  case output(TemplateExpression)
  case conditional([(condition: TemplateExpression?, body: [TemplateStatement])])
  case loop(TemplateLoop)
  case set(TemplateTarget, TemplateExpression)
  case capture(TemplateTarget, [TemplateStatement])
  case macro(TemplateMacro)
  case leaveLoop(continues: Bool)
}

struct TemplateLoop: Sendable {
  var at: Int
  var names: [String]
  var values: TemplateExpression
  var filter: TemplateExpression?
  var body: [TemplateStatement]
  var otherwise: [TemplateStatement]
}

/// What `set` writes to.
enum TemplateTarget: Sendable {
  case names([String], at: Int)
  case attribute(String, String, at: Int)
}

struct TemplateMacro: Sendable {
  var name: String
  var parameters: [(name: String, standard: TemplateExpression?)]
  var body: [TemplateStatement]
}
