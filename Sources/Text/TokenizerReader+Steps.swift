import JSON

extension TokenizerReader {
  /// GPT-2's words; what ByteLevel uses unless told otherwise.
  private static let gpt2Pattern =
    #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#

  /// What `\w` is to `tokenizers`, for use between brackets; PCRE2's own has neither marks nor joiners.
  private static let word = #"\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\x{200c}\x{200d}"#

  static func normalizers(_ json: JSON?, _ place: String) throws -> [Normalizer] {
    guard let json, json != .null else { return [] }
    switch try type(json, place) {
    case "NFC": return [.canonicalComposition]
    case "Lowercase": return [.lowercase]
    case "Prepend": return [.prepend(Array(try text(json, "prepend", place).utf8))]
    case "Strip":
      return [
        .strip(
          left: json["strip_left"]?.bool ?? true, right: json["strip_right"]?.bool ?? true)
      ]
    case "Replace":
      let content = Array(try text(json, "content", place).utf8)
      switch try separator(json, place) {
      case .text(let found): return [.replaceText(found: found, replacement: content)]
      case .pattern(let pattern): return [.replacePattern(pattern, replacement: content)]
      }
    case "Sequence":
      return try list(json, "normalizers", place).enumerated().flatMap {
        try normalizers($1, "\(place).normalizers[\($0)]")
      }
    case let name:
      throw TokenizerError.unsupported(
        place: place, name: name,
        known: ["NFC", "Lowercase", "Prepend", "Strip", "Replace", "Sequence"])
    }
  }

  private static func separator(_ json: JSON, _ place: String) throws -> PreTokenizer.Separator {
    if let text = json["pattern"]?["String"]?.string { return .text(Array(text.utf8)) }
    if let regex = json["pattern"]?["Regex"]?.string { return .pattern(try Pattern(regex)) }
    throw TokenizerError.malformed(
      place: "\(place).pattern", found: json["pattern"]?.serialized() ?? "nothing",
      expected: "{\"String\": …} or {\"Regex\": …}")
  }

  private static func choice<Choice: RawRepresentable & CaseIterable>(
    _ json: JSON, _ key: String, _ place: String, otherwise: Choice
  ) throws -> Choice where Choice.RawValue == String {
    guard let name = json[key]?.string else { return otherwise }
    guard let choice = Choice(rawValue: name) else {
      throw TokenizerError.unsupported(
        place: "\(place).\(key)", name: name, known: Choice.allCases.map(\.rawValue))
    }
    return choice
  }

  static func preTokenizers(
    _ json: JSON?, _ place: String
  ) throws -> (steps: [PreTokenizer], isByteLevel: Bool) {
    guard let json, json != .null else { return ([], false) }
    func pattern(
      _ source: String, _ behavior: PreTokenizer.Behavior = .isolated, invert: Bool = false
    ) throws -> ([PreTokenizer], Bool) {
      ([.split(.pattern(try Pattern(source)), behavior, invert: invert)], false)
    }
    switch try type(json, place) {
    case "ByteLevel":
      var steps: [PreTokenizer] = json["add_prefix_space"]?.bool ?? true ? [.prefixSpace] : []
      if json["use_regex"]?.bool ?? true { steps += try pattern(gpt2Pattern).0 }
      return (steps, true)
    case "Split":
      let behavior: PreTokenizer.Behavior = try choice(
        json, "behavior", place, otherwise: .isolated)
      let invert = json["invert"]?.bool ?? false
      return ([.split(try separator(json, place), behavior, invert: invert)], false)
    case "Digits":
      return try pattern(json["individual_digits"]?.bool ?? false ? #"\p{N}"# : #"\p{N}+"#)
    case "Whitespace": return try pattern("[\(word)]+|[^\(word)\\s]+", .removed, invert: true)
    case "WhitespaceSplit": return try pattern(#"\s+"#, .removed)
    case "Punctuation":
      return try pattern(
        #"[\p{P}$+<=>^`|~]"#, choice(json, "behavior", place, otherwise: .isolated))
    case "Metaspace":
      let older: PreTokenizer.Prefix =
        json["add_prefix_space"]?.bool ?? true ? .always : .never
      return (
        [
          .metaspace(
            replacement: Array((json["replacement"]?.string ?? "▁").utf8),
            prefix: try choice(json, "prepend_scheme", place, otherwise: older),
            splits: json["split"]?.bool ?? true)
        ], false
      )
    case "Sequence": return try sequence(json, place)
    case let name:
      throw TokenizerError.unsupported(
        place: place, name: name,
        known: [
          "ByteLevel", "Split", "Digits", "Whitespace", "WhitespaceSplit", "Punctuation",
          "Metaspace", "Sequence",
        ])
    }
  }

  private static func sequence(
    _ json: JSON, _ place: String
  ) throws -> (steps: [PreTokenizer], isByteLevel: Bool) {
    var result: (steps: [PreTokenizer], isByteLevel: Bool) = ([], false)
    for (index, step) in try list(json, "pretokenizers", place).enumerated() {
      let here = "\(place).pretokenizers[\(index)]"
      // ByteLevel turns the text into its alphabet; a cut after it would see other characters than the
      // bytes kept here.
      if result.isByteLevel {
        throw TokenizerError.unsupported(
          place: here, name: try type(step, here), known: ["nothing after ByteLevel"])
      }
      let more = try preTokenizers(step, here)
      result.steps += more.steps
      result.isByteLevel = more.isByteLevel
    }
    return result
  }
}
