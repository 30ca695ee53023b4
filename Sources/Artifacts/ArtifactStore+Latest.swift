extension ArtifactStore {
  /// Lays out an artifact's files under a directory: hard links, or copies across file systems.
  public func materialize(_ files: [FileRecord], at directory: String) throws {
    try Files.makeDirectory(directory)
    for file in files {
      guard ArtifactStore.isSafe(relativePath: file.path) else {
        throw ArtifactError.unsafeName(file.path)
      }
      let path = "\(directory)/\(file.path)"
      if file.path.contains("/") { try Files.makeDirectory(Files.directory(of: path)) }
      try Files.linkOrCopy(object(file.digest), to: path)
    }
  }

  /// Whether a directory holds exactly these files of the store, by inode or by size.
  private func holds(_ files: [FileRecord], at directory: String) -> Bool {
    guard let tree = try? FileTree(directory: directory) else { return false }
    let owned = tree.entries.filter { !isRound($0.path) }
    guard owned.map(\.path) == files.map(\.path) else { return false }
    for (entry, file) in zip(owned, files) {
      guard let object = try? Files.status(object(file.digest)) else { return false }
      let isSame = object.inode == entry.status.inode && object.device == entry.status.device
      guard isSame else { return false }
    }
    return true
  }

  /// Whether a path belongs to a stage below (`NAME/1/sample`), which keeps its own files there.
  private func isRound(_ path: String) -> Bool {
    let parts = path.split(separator: "/")
    return parts.count > 1 && parts[0].allSatisfy { $0.isASCII && $0.isNumber }
  }

  /// Makes `latest/<recipe>/<stage>/` show an output's files; a reader sees the old or the new.
  ///
  /// Where the stage has numbered rounds below it (`latest/<recipe>/NAME/1/sample`), they stay.
  public func updateLatest(recipe: String, stage: String, output: RunRecord.Output) throws {
    try ArtifactStore.check(stage: stage, recipe: recipe)
    let target = latest(recipe: recipe, stage: stage)
    if holds(output.files, at: target) { return }
    let parent = Files.directory(of: target)
    let aside = "\(parent)/.\(target.dropFirst(parent.count + 1)).new"
    try Files.makeDirectory(parent)
    try Files.remove(aside)
    try materialize(output.files, at: aside)
    guard try Files.status(target, followingLinks: false) != nil else {
      try Files.move(aside, to: target)
      return
    }
    if !Files.exchange(aside, target) {
      // No exchange on this file system: a reader may miss the directory for an instant.
      let old = "\(aside).old"
      try Files.remove(old)
      try Files.move(target, to: old)
      try Files.move(aside, to: target)
      try Files.move(old, to: aside)
    }
    for name in try Files.names(in: aside) where isRound("\(name)/") || isRound("\(name)/x") {
      if !Files.exists("\(target)/\(name)") {
        try Files.move("\(aside)/\(name)", to: "\(target)/\(name)")
      }
    }
    try Files.remove(aside)
  }
}
