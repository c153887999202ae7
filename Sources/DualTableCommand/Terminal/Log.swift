internal import AWSAuth
internal import DynamoDBModel

/// What is told beside the results: static messages with values beside them, as text or as JSON lines.
struct Log: Sendable {
  enum Level: String, Sendable, CaseIterable {
    case error, warning, info, debug
  }

  enum Format: String, Sendable, CaseIterable {
    case text, json
  }

  let terminal: Terminal
  let clock: WallClock
  var level = Level.info
  var format = Format.text

  func error(_ message: String) { write(.error, message, []) }
  func warning(_ message: String) { write(.warning, message, []) }
  func info(_ message: String, _ values: [(String, String)] = []) { write(.info, message, values) }
  func debug(_ message: String, _ values: [(String, String)] = []) { write(.debug, message, values) }

  private func write(_ level: Level, _ message: String, _ values: [(String, String)]) {
    let order = Level.allCases
    guard let own = order.firstIndex(of: level), let shown = order.firstIndex(of: self.level), own <= shown else { return }
    switch format {
    case .text:
      let prefix =
        switch level {
        case .error: "Error: "
        case .warning: "Warning: "
        case .info, .debug: ""
        }
      terminal.note(prefix + message + values.map { "  \($0.0)=\($0.1)" }.joined())
    case .json:
      let members = [("time", Figures.moment(clock.now())), ("level", level.rawValue), ("message", message)] + values
      terminal.note(JSONValue.object(members.map { .init($0.0, .string($0.1)) }).text)
    }
  }
}
