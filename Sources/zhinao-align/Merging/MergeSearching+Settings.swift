import Artifacts
import Merging
import Pipeline
import Stages
import Suggestions

extension MergeSearching {
  /// `NAME=PATH` by the slots of the stage; under `heldout_…` what is held out.
  func inputs() throws -> [(slot: String, path: String)] {
    let slots = MergeSearchStage.inputs.map(\.name).filter { $0 != "models" && $0 != "base" }
    var inputs: [(slot: String, path: String)] = []
    for (option, prefix, words) in [("--on", "", data), ("--held-out", "heldout_", heldOut)] {
      let known = slots.filter { $0.hasPrefix("heldout_") != prefix.isEmpty }
        .map { String($0.dropFirst(prefix.utf8.count)) }
      for word in words {
        let (name, path) = try Self.pair(word, option)
        guard known.contains(name) else {
          throw Failure(
            .usage,
            "\(option) \(word): there is no such data; there is \(known.joined(separator: ", "))"
              + didYouMean(name, among: known))
        }
        guard !inputs.contains(where: { $0.slot == prefix + name }) else {
          throw Failure(.usage, "\(option) \(word): \(name) is given twice")
        }
        guard Files.exists(path) else { throw Failure(.noInput, "\(option) \(word): no such file") }
        inputs.append((prefix + name, path))
      }
    }
    return inputs
  }

  /// What a recipe would say under `with`; `fixed` are the parameters that have values.
  func settings(
    method: String, fixed: [(name: String, value: ParameterValue)], dtype: String?
  ) throws -> LocatedValue {
    var members = [Self.member("merge_method", "--method \(method)", Self.text(method))]
    func add(_ key: String, _ origin: String, _ content: LocatedValue.Content) {
      members.append(Self.member(key, origin, content))
    }
    if let budget { add("budget", "--budget \(budget)", Self.text("\(budget)")) }
    if let minutes { add("minutes", "--minutes \(minutes)", Self.text("\(minutes)")) }
    if let dtype { add("dtype", "--dtype \(dtype)", Self.text(dtype)) }
    var parameters: [LocatedValue.Member] = []
    for (name, value) in fixed {
      guard case .scalar(let number) = value else {
        throw Failure(.usage, "--set \(name): beside a search a parameter is a number")
      }
      parameters.append(Self.member(name, "--set \(name)=\(number)", Self.text("\(number)")))
    }
    if !parameters.isEmpty { add("parameters", "--set", .mapping(parameters)) }
    let (names, ranges) = try tuning(method, fixed: fixed.map(\.name))
    if let names {
      add(
        "search", "--tune",
        .list(names.map { LocatedValue(Self.text($0), origin: .option("--tune \($0)")) }))
    }
    if !ranges.isEmpty { add("ranges", "--tune", .mapping(ranges)) }
    for word in others {
      let (name, value) = try Self.pair(word, "--with")
      guard !members.contains(where: { $0.key == name }) else {
        throw Failure(.usage, "--with \(word): \(name) is given twice, or has an option of its own")
      }
      add(name, "--with \(word)", Self.content(value, "--with \(word)"))
    }
    return LocatedValue(.mapping(members), origin: .option("--search"))
  }

  /// Which parameters are looked for, and the bounds that were given; nil leaves them to the stage.
  private func tuning(
    _ method: String, fixed: [String]
  ) throws -> (names: [String]?, ranges: [LocatedValue.Member]) {
    var names: [String] = []
    var ranges: [LocatedValue.Member] = []
    for word in tuned {
      let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
      let name = parts.first ?? word
      guard !fixed.contains(name) else {
        throw Failure(
          .usage, "--tune \(word): \(name) has a value already, so that there is nothing to find")
      }
      names.append(name)
      guard word.contains("=") else { continue }
      let bounds = (parts.last ?? "").split(separator: ":", omittingEmptySubsequences: false)
        .map { LocatedValue(Self.text(String($0)), origin: .option("--tune \(word)")) }
      guard bounds.count == 2 else {
        throw Failure(.usage, "--tune \(word): bounds are two numbers, \(name)=0:1.5")
      }
      ranges.append(Self.member(name, "--tune \(word)", .list(bounds)))
    }
    guard names.isEmpty, !fixed.isEmpty, let known = MergeMethods.named(method) else {
      return (names.isEmpty ? nil : names, ranges)
    }
    let own = known.parameters.map(\.name)
    return (
      SearchSpace.standardRanges.map(\.name).filter { own.contains($0) && !fixed.contains($0) },
      ranges
    )
  }

  private static func pair(_ word: String, _ option: String) throws -> (String, String) {
    guard let equals = word.firstIndex(of: "="), equals != word.startIndex else {
      throw Failure(.usage, "\(option) \(word): a name, `=` and a value would be right")
    }
    return (String(word[..<equals]), String(word[word.index(after: equals)...]))
  }

  private static func member(
    _ key: String, _ origin: String, _ content: LocatedValue.Content
  ) -> LocatedValue.Member {
    LocatedValue.Member(
      key: key, keyOrigin: .option(origin), value: LocatedValue(content, origin: .option(origin)))
  }

  private static func text(_ text: String) -> LocatedValue.Content {
    .scalar(text: text, isPlain: true)
  }

  /// A word, or words between brackets.
  private static func content(_ value: String, _ origin: String) -> LocatedValue.Content {
    guard value.hasPrefix("["), value.hasSuffix("]") else { return text(value) }
    return .list(
      value.dropFirst().dropLast().split(separator: ",").map { part in
        LocatedValue(
          text(part.split(separator: " ").joined(separator: " ")), origin: .option(origin))
      })
  }
}
