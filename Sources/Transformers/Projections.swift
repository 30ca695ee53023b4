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

  func map<Other>(_ transform: (Element) throws -> Other) rethrows -> Projections<Other> {
    try Projections<Other> { projection in try transform(self[projection]) }
  }

  subscript(_ projection: Projection) -> Element {
    switch projection {
    case .query: query
    case .key: key
    case .value: value
    case .output: output
    case .gate: gate
    case .up: up
    case .down: down
    }
  }
}
