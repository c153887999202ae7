internal import Synchronization

/// Shows where a long command stands: one live line on a terminal, one plain line every ten seconds elsewhere.
final class ProgressReporter: Sendable {
  /// What a line shows, in order; the name is for logs as JSON.
  typealias Figures = [(name: String, text: String)]

  private static let plainInterval = Duration.seconds(10)

  private let title: String
  private let terminal: Terminal
  private let log: Log
  private let lastPlain = Mutex<Duration?>(nil)

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
    let isDue = lastPlain.withLock { last in
      let before = last ?? elapsed
      let isDue = elapsed - before >= Self.plainInterval
      last = isDue ? elapsed : before
      return isDue
    }
    guard isDue else { return }
    if log.format == .json {
      log.info("progress", [("command", title)] + figures.map { ($0.name, $0.text) })
    } else {
      log.info(line(figures))
    }
  }

  private func line(_ figures: Figures) -> String { ([title] + figures.map(\.text)).joined(separator: "  ") }
}
