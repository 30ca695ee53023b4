/// One line at the foot of a terminal that is drawn again and again, at most four times a second.
struct StatusLine {
  private static let interval = Duration.milliseconds(250)

  private var isShown = false
  private var last: ContinuousClock.Instant?

  /// Shows a line in the place of the one before.
  mutating func show(_ text: String, now: ContinuousClock.Instant, isUrgent: Bool = false) {
    if let last, !isUrgent, now - last < StatusLine.interval { return }
    last = now
    isShown = true
    Console.draw("\r" + text.printable().fitted(to: max(8, Console.width - 1)) + "\u{1B}[K")
  }

  mutating func clear() {
    guard isShown else { return }
    Console.draw("\r\u{1B}[K")
    isShown = false
  }

  /// Writes a line that stays; the status is drawn again by whatever comes next.
  mutating func talk(_ text: String) {
    clear()
    last = nil
    Console.talk(text)
  }
}
