import Checkpoints
import Glibc

/// Finds the models that a configuration names.
struct ModelOpening {
  /// What paths that do not begin with `/` are relative to.
  let folder: String
  /// Results of other documents, by their names.
  var merges: [String: OpenedModel] = [:]

  /// A model, or one with an adapter: `path+adapter`.
  func open(_ name: String) throws -> OpenedModel {
    if let merge = merges[name] { return merge }
    let place = place(name)
    if exists(place) { return try OpenedModel(name: name, path: place) }
    if let plus = name.lastIndex(of: "+"), plus != name.startIndex {
      let adapter = String(name[name.index(after: plus)...])
      let base = try open(String(name[..<plus]))
      return try base.adapted(by: AdapterDirectory(path: self.place(adapter)), name: name)
    }
    if let at = name.lastIndex(of: "@"), exists(self.place(String(name[..<at]))) {
      throw CheckpointError.content(
        path: String(name[..<at]), key: "revision", found: String(name[at...]),
        expected: "no revision: a folder on disk has none")
    }
    return try OpenedModel(name: name, path: place)
  }

  private func place(_ name: String) -> String {
    name.hasPrefix("/") || folder == "." ? name : "\(folder)/\(name)"
  }

  private func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
}
