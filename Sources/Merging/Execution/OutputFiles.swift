import Checkpoints
import Dispatch
import Glibc
import Synchronization

/// The files of a model that is being made: whole in size from the beginning, written at any place by any thread or process.
final class OutputFiles: Sendable {
  private let folder: String
  private let placement: SafetensorsPlacement
  private let descriptors: [Int32]
  /// Where files are flushed while tensors are made.
  private let flushing = DispatchQueue(label: "merge/flushing")
  /// The bytes written since files were last flushed, and what failed of that.
  private let progress = Mutex<(unflushed: Int, failure: (file: Int, code: Int32)?)>((0, nil))

  /// Much enough for flushing not to hold up writing, and little enough to leave at the end.
  private static let flushedAtOnce = 1 << 24

  /// Opens the files in a folder.
  ///
  /// - Returns: nil if they are not there, or not those of this placement.
  init?(existing placement: SafetensorsPlacement, in folder: String) {
    self.folder = folder
    self.placement = placement
    var descriptors: [Int32] = []
    for file in placement.files {
      let descriptor = open("\(folder)/\(file.name)", O_RDWR | O_CLOEXEC | O_NOFOLLOW)
      if descriptor >= 0 { descriptors.append(descriptor) }
      var status = stat()
      var header = [UInt8](repeating: 0, count: file.header.count)
      guard descriptor >= 0, fstat(descriptor, &status) == 0,
        Int(status.st_size) == file.byteCount,
        pread(descriptor, &header, header.count, 0) == header.count, header == file.header
      else {
        for descriptor in descriptors { close(descriptor) }
        return nil
      }
    }
    self.descriptors = descriptors
  }

  /// Makes the files: their headers, and room for the rest.
  init(making placement: SafetensorsPlacement, in folder: String) throws(MergeError) {
    self.folder = folder
    self.placement = placement
    var descriptors: [Int32] = []
    for file in placement.files {
      let path = "\(folder)/\(file.name)"
      let descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o644)
      guard descriptor >= 0, ftruncate(descriptor, off_t(file.byteCount)) == 0 else {
        let code = errno
        for descriptor in descriptors + [descriptor] where descriptor >= 0 { close(descriptor) }
        throw .system(path: path, operation: "make", code: code)
      }
      descriptors.append(descriptor)
    }
    self.descriptors = descriptors
    for (index, file) in placement.files.enumerated() { try write(file.header, file: index, at: 0) }
  }

  deinit { for descriptor in descriptors { close(descriptor) } }

  /// Fails before any work if the disk cannot hold the files.
  static func requireRoom(for placement: SafetensorsPlacement, in folder: String) throws(MergeError)
  {
    var status = statvfs()
    guard statvfs(folder, &status) == 0 else { return }
    let needed = placement.files.reduce(0) { $0 + $1.byteCount }
    let free = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
    if !free.overflow, free.partialValue < UInt64(needed) {
      throw .system(path: folder, operation: "find room for \(needed) bytes in", code: ENOSPC)
    }
  }

  /// Writes bytes of a tensor, from an offset within it on.
  func write(_ bytes: [UInt8], to place: SafetensorsPlacement.Place, at offset: Int)
    throws(MergeError)
  {
    try write(bytes, file: place.file, at: place.offset + offset)
    noteWritten(bytes.count, file: place.file)
  }

  private func write(_ bytes: [UInt8], file: Int, at offset: Int) throws(MergeError) {
    var code: Int32 = 0
    bytes.withUnsafeBytes { buffer in
      var done = 0
      while done < buffer.count, code == 0 {
        let piece = UnsafeRawBufferPointer(rebasing: buffer[done...])
        let count = pwrite(descriptors[file], piece.baseAddress, piece.count, off_t(offset + done))
        if count < 0, errno != EINTR { code = errno }
        if count == 0 { code = ENOSPC }
        done += max(0, count)
      }
    }
    guard code == 0 else {
      throw .system(path: path(file), operation: "write", code: code)
    }
  }

  /// What a tensor's bytes on disk add up to.
  func checksum(of place: SafetensorsPlacement.Place, workers: Workers) throws -> Checksum {
    let step = 1 << 20
    let sums = try workers.map(
      (place.byteCount + step - 1) / step, scratch: [UInt8]()
    ) { bytes, piece in
      let start = piece * step
      bytes = [UInt8](repeating: 0, count: min(step, place.byteCount - start))
      var done = 0
      while done < bytes.count {
        let count = bytes[done...].withUnsafeMutableBytes {
          pread(
            descriptors[place.file], $0.baseAddress, $0.count, off_t(place.offset + start + done))
        }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else {
          throw MergeError.system(path: path(place.file), operation: "read", code: errno)
        }
        done += count
      }
      var sum = Checksum()
      sum.add(bytes, at: start)
      return sum
    }
    return sums.reduce(Checksum(), +)
  }

  /// From time to time has the disk take what is written, while more is made.
  ///
  /// `flush` then has little left to wait for: most of its time is not writing but the disk's own cache being emptied, and that can
  /// only begin when it is asked for.
  private func noteWritten(_ bytes: Int, file: Int) {
    let isDue = progress.withLock { progress in
      progress.unflushed += bytes
      guard progress.unflushed >= Self.flushedAtOnce else { return false }
      progress.unflushed = 0
      return true
    }
    guard isDue else { return }
    flushing.async { [self] in
      guard fdatasync(descriptors[file]) != 0 else { return }
      let code = errno
      // The system tells of a failed write once, to who asks first.
      progress.withLock { if $0.failure == nil { $0.failure = (file, code) } }
    }
  }

  /// Puts everything on disk.
  func flush() throws(MergeError) {
    flushing.sync {}
    if let (file, code) = progress.withLock({ $0.failure }) {
      throw .system(path: path(file), operation: "flush", code: code)
    }
    for (file, descriptor) in descriptors.enumerated() where fsync(descriptor) != 0 {
      throw .system(path: path(file), operation: "flush", code: errno)
    }
  }

  private func path(_ file: Int) -> String { "\(folder)/\(placement.files[file].name)" }
}
