/// What an artifact is good for: what a slot of a stage accepts.
public enum ArtifactKind: String, Sendable, Hashable, CaseIterable {
  /// A causal language model in Hugging Face's layout.
  case model
  /// A PEFT adapter; `adapter_config.json` names its base.
  case adapter
  /// A model with a head that scores a conversation.
  case rewardModel = "reward-model"
  /// Rows to learn or to be measured from, in any layout.
  case dataset
  /// Prompts with one or more completions each, with their log-probabilities.
  case completions
  /// Completions with the rewards they were given.
  case scores
  /// Prompts with a chosen and a rejected completion.
  case pairs
  /// Measurements for people and for later stages.
  case report
  case tokenizer
  /// Something else that a stage defines.
  case files
}
