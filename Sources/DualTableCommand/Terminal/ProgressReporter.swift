internal import DualTableScan
internal import Synchronization

/// Shows where a pass stands: one live line on a terminal, one plain line every ten seconds elsewhere.
final class ProgressReporter: Sendable {
  private struct State {
    var estimate = ProgressEstimate()
    var read = ProgressEstimate()
    var written = ProgressEstimate()
    var lastPlain: Duration?
  }

  private static let plainInterval = Duration.seconds(10)

  private let title: String
  private let terminal: Terminal
  private let log: Log
  /// What is shown of the counts, with its label.
  private let shown: [(label: String, counter: PassCounter)]
  private let state = Mutex(State())

  init(_ title: String, terminal: Terminal, log: Log, shown: [(label: String, counter: PassCounter)]) {
    self.title = title
    self.terminal = terminal
    self.log = log
    self.shown = shown
  }

  /// Takes note of where the pass stands, and shows it if it is time.
  func update(_ status: PassCheckpoint.Status) {
    let due = state.withLock { state -> [(name: String, text: String)]? in
      state.estimate.sample(at: status.elapsed, items: status.totals[.scanned])
      state.read.sample(at: status.elapsed, items: status.totals[.readMilliunits])
      state.written.sample(at: status.elapsed, items: status.totals[.writeMilliunits])
      if !terminal.isLive {
        // The first line comes when there is a pace to tell.
        let last = state.lastPlain ?? status.elapsed
        state.lastPlain = last
        guard status.elapsed - last >= Self.plainInterval else { return nil }
        state.lastPlain = status.elapsed
      }
      return figures(status, state)
    }
    guard let figures = due else { return }
    let line = ([title] + figures.map(\.text)).joined(separator: "  ")
    if terminal.isLive {
      terminal.showLive(line)
    } else if log.format == .json {
      log.info("progress", [("command", title)] + figures.map { ($0.name, $0.text) })
    } else {
      log.info(line)
    }
  }

  /// Takes the live line away.
  func end() { terminal.showLive("") }

  private func figures(_ status: PassCheckpoint.Status, _ state: State) -> [(name: String, text: String)] {
    let done = status.totals[.scanned]
    var items = Figures.count(done)
    var rest: Duration?
    if let expected = ProgressEstimate.expectedItems(status, described: nil), expected > 0 {
      items += " / ~\(Figures.count(expected)) (\(min(100, done * 100 / expected)) %)"
      rest = state.estimate.remaining(total: expected)
    }
    var figures = [("elapsed", Figures.clock(status.elapsed)), ("items", items)]
    func pace(_ estimate: ProgressEstimate, per scale: Double) -> String? {
      estimate.itemsPerSecond.map { Figures.count(Int(($0 / scale).rounded())) }
    }
    if let pace = pace(state.estimate, per: 1) { figures.append(("pace", "\(pace) items/s")) }
    if let pace = pace(state.read, per: 1_000) { figures.append(("read", "read \(pace)/s")) }
    if let pace = pace(state.written, per: 1_000) { figures.append(("write", "write \(pace)/s")) }
    figures += shown.map { ($0.label, "\($0.label) \(Figures.count(status.totals[$0.counter]))") }
    if let rest { figures.append(("eta", "eta \(Figures.clock(rest))")) }
    return figures.map { (name: $0.0, text: $0.1) }
  }
}
