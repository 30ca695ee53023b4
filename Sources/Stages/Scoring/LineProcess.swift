import Glibc

/// A program that answers lines with lines, in a process group of its own; it ends when this does.
final class LineProcess {
  /// Why a conversation with a program came to its end.
  enum Failure: Error, Equatable {
    case cannotStart(reason: String)
    /// So many of its answers had come; `log` is the end of what it wrote to standard error.
    case ended(status: Int32, answers: Int, log: String)
    case silent(seconds: Double, answers: Int, log: String)
    case endless(answers: Int)
    /// It said more than it was asked.
    case talkative(line: String)
  }

  /// The longest line that is read.
  static let longest = 1 << 20

  private let identifier: pid_t
  /// A socket, since writing to a closed pipe would end this process by a signal.
  private let input: Int32
  private let output: Int32
  private let errors: Int32
  private var received: [UInt8] = []
  private var log: [UInt8] = []
  private var isReaped = false

  /// Starts a program in a folder.
  init(_ words: [String], in directory: String = ".") throws(Failure) {
    var input: [Int32] = [-1, -1]
    var output: [Int32] = [-1, -1]
    var errors: [Int32] = [-1, -1]
    let kind = Int32(SOCK_STREAM.rawValue)
    guard socketpair(AF_UNIX, kind, 0, &input) == 0, pipe(&output) == 0, pipe(&errors) == 0 else {
      let reason = String(cString: strerror(errno))
      for end in input + output + errors where end >= 0 { close(end) }
      throw .cannotStart(reason: reason)
    }
    for end in input + output + errors { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    for end in [input[0], output[0], errors[0]] { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
    var identifier: pid_t = 0
    let code = Self.spawn(words, directory, [input[1], output[1], errors[1]], &identifier)
    for end in [input[1], output[1], errors[1]] { close(end) }
    guard code == 0 else {
      for end in [input[0], output[0], errors[0]] { close(end) }
      throw .cannotStart(reason: String(cString: strerror(code)))
    }
    self.identifier = identifier
    (self.input, self.output, self.errors) = (input[0], output[0], errors[0])
  }

  deinit {
    end()
    for end in [input, output, errors] { close(end) }
  }

  /// Ends the program and all that it started.
  func end() {
    guard !isReaped else { return }
    kill(-identifier, SIGKILL)
    var status: Int32 = 0
    while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
    isReaped = true
  }

  private static func spawn(
    _ words: [String], _ directory: String, _ ends: [Int32], _ identifier: inout pid_t
  ) -> Int32 {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (index, end) in ends.enumerated() {
      posix_spawn_file_actions_adddup2(&actions, end, Int32(index))
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // What this process does with signals is no business of the program's.
    var all = sigset_t()
    sigfillset(&all)
    posix_spawnattr_setsigdefault(&attributes, &all)
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(
      &attributes,
      Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
    // To be started in another folder is not to be had from Glibc's Swift face: a shell goes there first.
    let there = directory == "." ? [] : ["sh", "-c", "cd -- \"$0\" && exec \"$@\"", directory]
    let arguments = (there + words).map { strdup($0) } + [nil]
    defer { for pointer in arguments { free(pointer) } }
    return posix_spawnp(&identifier, (there + words)[0], &actions, &attributes, arguments, environ)
  }

  /// One line for each of `lines`, in their order, none of which may hold a line feed.
  ///
  /// Asked and answered at once, so that neither side waits for the other to read. `timeout` is in seconds, from one answer
  /// to the next.
  func answers(to lines: [String], timeout: Double) throws(Failure) -> [String] {
    let asked = lines.flatMap { Array($0.utf8) + [UInt8(ascii: "\n")] }
    var sent = 0
    var answers: [String] = []
    if let line = takeLine() { throw .talkative(line: line) }
    var last = ContinuousClock.now
    while answers.count < lines.count {
      let left = timeout - (ContinuousClock.now - last).seconds
      guard left > 0 else {
        end()
        throw .silent(seconds: timeout, answers: answers.count, log: logEnd())
      }
      wait(isWriting: sent < asked.count, milliseconds: Int32(min(left * 1000 + 1, 1000)))
      if sent < asked.count { send(asked, &sent) }
      _ = read(errors, into: &log)
      let isOpen = read(output, into: &received)
      while answers.count < lines.count, let line = takeLine() {
        answers.append(line)
        last = ContinuousClock.now
      }
      if answers.count == lines.count { break }
      if received.count > Self.longest {
        end()
        throw .endless(answers: answers.count)
      }
      if !isOpen { throw try ending(answers.count) }
    }
    return answers
  }

  private func wait(isWriting: Bool, milliseconds: Int32) {
    var polled = [
      pollfd(fd: output, events: Int16(POLLIN), revents: 0),
      pollfd(fd: errors, events: Int16(POLLIN), revents: 0),
      pollfd(fd: input, events: Int16(POLLOUT), revents: 0),
    ]
    // A closed standard error is always ready: without its end the loop would not rest.
    if isLogClosed { polled[1].fd = -1 }
    if !isWriting { polled[2].fd = -1 }
    _ = poll(&polled, 3, milliseconds)
  }

  private var isLogClosed = false

  private func send(_ bytes: [UInt8], _ sent: inout Int) {
    let count = bytes.withUnsafeBytes { buffer in
      Glibc.send(
        input, buffer.baseAddress?.advanced(by: sent), buffer.count - sent,
        Int32(MSG_NOSIGNAL))
    }
    // What a program does not take any more shows in what it answers.
    if count > 0 { sent += count }
    if count < 0, errno != EAGAIN, errno != EINTR { sent = bytes.count }
  }

  /// Takes what is there; false at the end.
  private func read(_ descriptor: Int32, into bytes: inout [UInt8]) -> Bool {
    while true {
      var count = 0
      let piece = [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, filled in
        count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        filled = max(0, count)
      }
      if count < 0 { return errno == EAGAIN || errno == EINTR }
      if count == 0 {
        if descriptor == errors { isLogClosed = true }
        return false
      }
      bytes += piece
      if descriptor == errors, bytes.count > 8192 { bytes.removeFirst(bytes.count - 4096) }
      if descriptor == output, bytes.count > 4 * Self.longest { return true }
    }
  }

  private func takeLine() -> String? {
    guard let end = received.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
    defer { received.removeSubrange(...end) }
    return String(decoding: received[..<end], as: UTF8.self)
  }

  private func ending(_ answers: Int) throws(Failure) -> Failure {
    // It closed its output: most often it has ended, or is about to.
    var status: Int32 = 0
    for _ in 0..<100 {
      let ended = waitpid(identifier, &status, WNOHANG)
      if ended == identifier {
        isReaped = true
        kill(-identifier, SIGKILL)
        break
      }
      usleep(10_000)
    }
    end()
    _ = read(errors, into: &log)
    return .ended(status: status, answers: answers, log: logEnd())
  }

  /// The last lines of what it wrote to standard error.
  private func logEnd() -> String {
    String(decoding: log.suffix(2000), as: UTF8.self).trimmingWhitespace
  }
}
