internal import Synchronization

/// Shows where a long command stands: one live line on a terminal, one plain line every ten seconds elsewhere, and fewer in a run of days.
final class ProgressReporter: Sendable {
  /// What a line shows, in order; the name is for logs as JSON.
  typealias Figures = [(name: String, text: String)]

  private struct Plain {
    var last: Duration?
    var lines = 0
    /// Doubled with every three hundred lines, so that a run of weeks can't fill a disk.
    var interval = Duration.seconds(10)

    mutating func isDue(at elapsed: Duration) -> Bool {
      let before = last ?? elapsed
      last = before
      guard elapsed - before >= interval else { return false }
      last = elapsed
      lines += 1
      if lines % 300 == 0 { interval = min(interval * 2, .seconds(300)) }
      return true
    }
  }

  private let title: String
  private let terminal: Terminal
  private let log: Log
  private let plain = Mutex(Plain())

  init(_ title: String, _ context: CommandContext) {
    self.title = title
    terminal = context.terminal
    log = context.log
  }

  /// Shows `figures` if it is time.
  ///
  /// - Parameter elapsed: time worked so far; the first plain line comes ten seconds after the first call, when there is a pace to tell.
  func update(at elapsed: Duration, _ figures: Figures) {
    if terminal.isLive { return terminal.showLive(line(figures)) }
    let isDue = plain.withLock { $0.isDue(at: elapsed) }
    guard isDue else { return }
    if log.format == .json {
      log.info("progress", [("command", title)] + figures.map { ($0.name, $0.text) })
    } else {
      log.info(line(figures))
    }
  }

  private func line(_ figures: Figures) -> String { ([title] + figures.map(\.text)).joined(separator: "  ") }
}
