/// Something for each of a block's seven linear layers.
struct Projections<Element> {
  var query: Element
  var key: Element
  var value: Element
  var output: Element
  var gate: Element
  var up: Element
  var down: Element

  init(_ make: (Projection) throws -> Element) rethrows {
    query = try make(.query)
    key = try make(.key)
    value = try make(.value)
    output = try make(.output)
    gate = try make(.gate)
    up = try make(.up)
    down = try make(.down)
  }
}
