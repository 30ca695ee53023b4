extension MergeConfiguration.Module {
  /// mergekit's names for modules whose tensors begin with other words.
  private static let prefixes = [
    "text_decoder": ["language_model.", "model.language_model.", "lm_head."],
    "vision_tower": ["vision_tower.", "model.vision_tower.", "visual.", "model.visual."],
    "multi_modal_projector": ["multi_modal_projector.", "model.multi_modal_projector."],
  ]

  /// Whether a tensor belongs to this module.
  func holds(_ tensor: String) -> Bool {
    guard let name else { return true }
    return (Self.prefixes[name] ?? ["\(name)."]).contains { tensor.hasPrefix($0) }
  }
}
