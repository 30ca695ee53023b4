public import Generation
import JSON
public import Kernels
public import Pipeline

/// How answers are drawn: TRL's names, and transformers' and vLLM's where TRL has none.
public struct SamplingSettings: StageSettings, Equatable {
  /// Answers to each prompt.
  public var numGenerations = 4
  /// The most tokens of an answer.
  public var maxCompletionLength = 256
  /// The same under transformers' name; goes before `max_completion_length`.
  public var maxNewTokens: Int?
  /// The most tokens of a prompt; by default all that the network's positions leave room for.
  public var maxPromptLength: Int?
  /// 0 takes the most likely token.
  public var temperature = 1.0
  public var topP = 1.0
  /// 0 or −1 keeps all.
  public var topK = 0
  public var minP = 0.0
  public var repetitionPenalty = 1.0
  public var presencePenalty = 0.0
  public var frequencyPenalty = 0.0
  /// Texts that end an answer; they are not part of its text.
  public var stopStrings: [String] = []
  /// Sequences that are continued at once: memory and speed depend on it, and nothing else.
  public var generationBatchSize = 64
  /// The most that their keys and values may take; fewer sequences are continued at once to keep within it.
  public var kvCacheMemoryBytes: MemorySize?
  /// What weights are kept in while answers are drawn; nil is the precision that the network computes in.
  ///
  /// Fewer bits are read faster, and they are other numbers: answers change.
  public var weights: PackedWeights.Format?

  public init() {}

  /// Settings that cannot change a result.
  static let nonSemantic: Set<String> = ["generation_batch_size", "kv_cache_memory_bytes"]
  /// Settings that keys know only where they are set.
  static let keyedOnlyIfSet: Set<String> = ["weights"]
}

extension PackedWeights.Format: Codable {}

extension SamplingSettings {
  /// The most tokens of an answer, by whichever name it was given.
  public var completionLimit: Int { maxNewTokens ?? maxCompletionLength }

  public func parameters(stopTokens: [Int32], vocabularyLimit: Int) -> SamplingParameters {
    SamplingParameters(
      maximumNewTokens: completionLimit, temperature: temperature, topK: max(0, topK), topP: topP,
      minP: minP, repetitionPenalty: repetitionPenalty, presencePenalty: presencePenalty,
      frequencyPenalty: frequencyPenalty, stopTokens: stopTokens, vocabularyLimit: vocabularyLimit)
  }

  /// How answers were drawn, to be written down beside them: what can change them, and the weights'
  /// format where it is not the network's own.
  func record() throws -> JSON {
    var json = try SettingsReading<SamplingSettings>.resolved(self)
    for key in SamplingSettings.nonSemantic.sorted() { json[key] = nil }
    if weights == nil { json["weights"] = nil }
    return json
  }

  /// What is wrong with values that are of the right type.
  public func problems() -> [SettingProblem] {
    var problems: [SettingProblem] = []
    func check(
      _ isRight: Bool, _ key: String, _ found: some CustomStringConvertible, _ right: String
    ) {
      if !isRight {
        problems.append(SettingProblem(key, "\(key) is \(found), where \(right) would be right"))
      }
    }
    let lengths = 1...(1 << 20)
    check((1...4096).contains(numGenerations), "num_generations", numGenerations, "1 to 4096")
    check(
      lengths.contains(maxCompletionLength), "max_completion_length", maxCompletionLength,
      "1 or more")
    check(lengths.contains(maxNewTokens ?? 1), "max_new_tokens", maxNewTokens ?? 0, "1 or more")
    check(
      (2...(1 << 20)).contains(maxPromptLength ?? 2), "max_prompt_length", maxPromptLength ?? 0,
      "2 or more")
    check((0...100).contains(temperature), "temperature", temperature, "0 (greedy) or more")
    check(topP > 0 && topP <= 1, "top_p", topP, "more than 0 and at most 1")
    check(topK >= -1, "top_k", topK, "0 (all) or more")
    check((0..<1).contains(minP), "min_p", minP, "a share from 0 to below 1")
    check(
      repetitionPenalty > 0 && repetitionPenalty <= 100, "repetition_penalty", repetitionPenalty,
      "a number above 0")
    let penalties = -100.0...100
    check(penalties.contains(presencePenalty), "presence_penalty", presencePenalty, "−100 to 100")
    check(
      penalties.contains(frequencyPenalty), "frequency_penalty", frequencyPenalty, "−100 to 100")
    check(!stopStrings.contains(""), "stop_strings", "a list with an empty text", "texts")
    check(
      (1...65_536).contains(generationBatchSize), "generation_batch_size", generationBatchSize,
      "1 or more")
    return problems
  }
}
