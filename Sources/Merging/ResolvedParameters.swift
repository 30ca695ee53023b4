/// The value of every parameter for one tensor, in the order in which the method declares them.
public struct ResolvedParameters: Sendable, Equatable {
  /// One value each.
  public var shared: [(name: String, value: Double)]
  /// For each parameter a value for each model.
  public var perModel: [(name: String, values: [Double])]

  public init(shared: [(name: String, value: Double)], perModel: [(name: String, values: [Double])])
  {
    self.shared = shared
    self.perModel = perModel
  }

  public static func == (left: Self, right: Self) -> Bool {
    left.shared.elementsEqual(right.shared, by: ==)
      && left.perModel.elementsEqual(right.perModel, by: ==)
  }

  /// A shared parameter; asking for one that the method did not declare is a mistake in the method.
  public func number(_ name: String) -> Double {
    guard let entry = shared.first(where: { $0.name == name }) else {
      preconditionFailure("\(name) is no declared parameter")
    }
    return entry.value
  }

  public func flag(_ name: String) -> Bool { number(name) != 0 }

  /// A parameter's value for each model.
  public func numbers(_ name: String) -> [Double] {
    guard let entry = perModel.first(where: { $0.name == name }) else {
      preconditionFailure("\(name) is no declared parameter of models")
    }
    return entry.values
  }
}
