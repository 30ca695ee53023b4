import Checkpoints
import Dispatch
import Glibc

/// The files of a model that is being made: whole in size from the beginning, written at any place by any thread or process.
final class OutputFiles: Sendable {
  private let folder: String
  private let placement: SafetensorsPlacement
  private let descriptors: [Int32]
  /// Where the system is told what to put on disk, one stretch after another, while others are made.
  private let writing = DispatchQueue(label: "merge/writing")

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

  /// Has the system begin to put a stretch of a tensor on disk, given in bytes from its first.
  ///
  /// The disk then works while the processors do, and what is left for `flush` is little. Advice about pages that will not be needed
  /// is how this can be said on any file system; pages that are not on disk yet stay where they are.
  func beginWriting(_ bytes: Range<Int>, of place: SafetensorsPlacement.Place) {
    writing.async {
      posix_fadvise(
        self.descriptors[place.file], off_t(place.offset + bytes.lowerBound), off_t(bytes.count),
        POSIX_FADV_DONTNEED)
    }
  }

  /// Puts everything on disk.
  func flush() throws(MergeError) {
    writing.sync {}
    for (file, descriptor) in descriptors.enumerated() where fsync(descriptor) != 0 {
      throw .system(path: path(file), operation: "flush", code: errno)
    }
  }

  private func path(_ file: Int) -> String { "\(folder)/\(placement.files[file].name)" }
}
