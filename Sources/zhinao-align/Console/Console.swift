import Glibc

/// The program's two streams: results go to standard output, talk to standard error.
enum Console {
  /// A result, on lines of its own.
  static func result(_ text: String) { write(text + "\n", to: 1) }

  /// Part of a result that is still being made.
  static func stream(_ text: String) { write(text, to: 1) }

  /// What a person may want to know meanwhile.
  static func talk(_ text: String) { write(text + "\n", to: 2) }

  /// Characters for a terminal to act on: a line that will be drawn again.
  static func draw(_ text: String) { write(text, to: 2) }

  static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

  /// Whether standard error can be drawn on.
  static var isLive: Bool { isTerminal(2) && variable("TERM") != "dumb" }

  /// Whether standard error takes colours (no-color.org).
  static var hasColors: Bool { isLive && (variable("NO_COLOR") ?? "").isEmpty }

  /// Whether standard output does.
  static var hasResultColors: Bool {
    isTerminal(1) && variable("TERM") != "dumb" && (variable("NO_COLOR") ?? "").isEmpty
  }

  static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

  /// The width of the terminal in columns; 80 where it does not say.
  static var width: Int {
    var size = winsize()
    guard ioctl(2, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  /// Nobody who reads results is an end; nobody who reads talk is no reason to stop a run.
  private static func write(_ text: String, to descriptor: Int32) {
    let bytes = Array(text.utf8)
    var done = 0
    while done < bytes.count {
      let count = bytes[done...].withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      if count >= 0 {
        done += count
      } else if errno == EPIPE, descriptor == 1 {
        signal(SIGPIPE, SIG_DFL)
        raise(SIGPIPE)
      } else if errno != EINTR {
        return
      }
    }
  }
}
