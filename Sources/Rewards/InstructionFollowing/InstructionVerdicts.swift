/// Which of a prompt's instructions a response keeps to, strictly and loosely (arXiv:2311.07911, section 2).
public struct InstructionVerdicts: Sendable, Equatable {
  /// Of the response as it is, one for each instruction.
  public var strict: [Bool]
  /// Of the response or any of seven changed ones: without its first line, its last, both, and each without asterisks.
  ///
  /// So that an introduction or Markdown's emphasis is no failure.
  public var loose: [Bool]

  public init(strict: [Bool], loose: [Bool]) {
    self.strict = strict
    self.loose = loose
  }

  public init(_ instructions: [Instruction], response: String) {
    let whole = Scalars(of: response)
    let variants = InstructionVerdicts.variants(of: whole)
    strict = instructions.map { $0.isFollowed(by: whole) }
    loose = zip(instructions, strict).map { instruction, isFollowed in
      isFollowed || variants.contains { instruction.isFollowed(by: $0) }
    }
  }

  public var followsAllStrictly: Bool { strict.allSatisfy { $0 } }
  public var followsAllLoosely: Bool { loose.allSatisfy { $0 } }

  /// The changed responses.
  private static func variants(of response: Scalars) -> [Scalars] {
    func joined(_ lines: ArraySlice<Scalars>) -> Scalars {
      Array(Scalars(lines.joined(separator: ["\n"] as Scalars)).stripped())
    }
    let lines = response.split(at: ["\n"])
    let cut = [
      joined(lines.dropFirst()), joined(lines.dropLast()), joined(lines.dropFirst().dropLast()),
    ]
    return cut + ([response] + cut).map { $0.filter { $0 != "*" } }
  }
}
