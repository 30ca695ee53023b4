import Artifacts
import JSON
import OrderedCollections
import Pipeline
import Profiling
import Transformers

/// The outputs that training stages share: the model, and the adapter it was made with.
enum TrainingOutputs {
  static let model = OutputSlot("model", .model)
  static let rewardModel = OutputSlot("model", .rewardModel)
  static let adapter = OutputSlot("adapter", .adapter)

  /// A model without an adapter, a model beside its adapter, or the adapter alone.
  static func slots(_ settings: TrainingSettings, model: OutputSlot) -> [OutputSlot] {
    guard settings.lora != nil else { return [model] }
    return settings.mergeAdapter ? [model, adapter] : [adapter]
  }

  /// Writes what `slots` names, on the first rank; `entries` go into the model's `config.json`.
  static func write(
    _ transformer: Transformer, from source: ModelDirectory, _ settings: TrainingSettings,
    _ session: TrainingSession, entries: OrderedDictionary<String, JSON> = [:]
  ) throws {
    let output = ModelOutput(transformer: transformer, source: source, entries: entries)
    try session.onFirst {
      try Profiler.measure(.writing) {
        for slot in slots(settings, model: model) {
          let folder = try session.context.output(slot.name)
          if slot.name == model.name {
            try output.writeModel(to: folder)
          } else {
            try output.writeAdapter(to: folder)
          }
        }
      }
    }
  }
}
