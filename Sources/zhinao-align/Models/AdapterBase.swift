import Artifacts
import Checkpoints
import Glibc
import Pipeline

/// Finds the model that an adapter was trained on.
///
/// An adapter that a stage made names none: its bytes are the same wherever the model lay. The
/// workspace remembers what the stage read, so beneath `latest` the base is found all the same.
struct AdapterBase {
  let adapter: AdapterDirectory
  let path: String

  /// The base's path: what was said, else what the adapter names, else what the workspace remembers.
  func resolve(said: String?) throws -> String {
    if let said {
      guard Files.exists(said) else { throw Failure(.noInput, "--base: \(said) does not exist") }
      return said
    }
    let name = adapter.configuration.baseModelNameOrPath ?? ""
    let candidates = name.hasPrefix("/") ? [name] : ["\(path)/\(name)", name]
    if !name.isEmpty, let found = candidates.first(where: Files.exists) { return found }
    if let remembered = try remembered() { return remembered }
    guard !name.isEmpty else {
      throw Failure(
        .badInput,
        "\(path) is an adapter that names no model: say with --base MODEL which one it was trained on"
      )
    }
    throw Failure(
      .noInput,
      "\(path)/adapter_config.json: base_model_name_or_path is \(name), and there is no "
        + candidates.joined(separator: " and no ") + "; say with --base MODEL where it is")
  }

  /// What the stage was given whose result lies here, `workspace/latest/RECIPE/STAGE`.
  private func remembered() throws -> String? {
    guard let (store, recipe, stage) = place(),
      let record = try store.lastRecord(recipe: recipe, stage: stage),
      let input = record.inputs.first(where: { $0.slot == "model" })
    else { return nil }
    guard let producer = input.producer else {
      if Files.exists(input.source) { return input.source }
      throw Failure(
        .noInput,
        "\(path) was trained on \(input.source), which is not there (seen from here): say with "
          + "--base MODEL where it is")
    }
    let written = input.source.drop { $0 == "$" }.prefix { $0 != "." }
    var stages = [(recipe, String(written))]
    if let made = try store.record(producer) { stages.append((made.recipe, made.stage)) }
    for (recipe, stage) in stages {
      let latest = store.latest(recipe: recipe, stage: stage)
      guard let last = try store.lastRecord(recipe: recipe, stage: stage) else { continue }
      if last.fingerprint == producer, Files.exists(latest) { return latest }
    }
    throw Failure(
      .noInput,
      "\(path) was trained on the result of \(input.source) (run \(producer.short)), and that stage "
        + "has made another since: run the recipe again, or say with --base MODEL where the old one is"
    )
  }

  /// The workspace, the recipe and the stage that a path below `latest` belongs to.
  private func place() -> (store: ArtifactStore, recipe: String, stage: String)? {
    guard let pointer = realpath(path, nil) else { return nil }
    defer { free(pointer) }
    let parts = String(cString: pointer).split(separator: "/").map(String.init)
    for index in parts.indices.reversed()
    where parts[index] == "latest" && parts.count > index + 2 {
      let workspace = "/" + parts[..<index].joined(separator: "/")
      guard Files.exists("\(workspace)/runs") else { continue }
      return (
        ArtifactStore(workspace: workspace), parts[index + 1],
        parts[(index + 2)...].joined(separator: "/")
      )
    }
    return nil
  }
}
