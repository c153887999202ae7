internal import AWSAuth
internal import DynamoDBModel
internal import HTTPTransport

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
      let members = [("time", timestamp()), ("level", level.rawValue), ("message", message)] + values
      terminal.note(JSONValue.object(members.map { .init($0.0, .string($0.1)) }).text)
    }
  }

  /// As in `2026-11-21T09:00:00Z`.
  private func timestamp() -> String {
    let text = SigningDate(seconds: clock.now() / 1_000).string
    let parts = [(0, 4, "-"), (4, 2, "-"), (6, 2, "T"), (9, 2, ":"), (11, 2, ":"), (13, 2, "Z")]
    return parts.map { text.dropFirst($0.0).prefix($0.1) + $0.2 }.joined()
  }
}

extension JSONValue {
  /// The value's JSON, on one line.
  var text: String {
    var bytes = ByteBuffer()
    write(to: &bytes)
    return String(decoding: (0..<bytes.count).map { bytes[$0] }, as: UTF8.self)
  }

  private func write(to bytes: inout ByteBuffer) {
    switch self {
    case .null: bytes.append("null")
    case .bool(let value): bytes.append(value ? "true" : "false")
    case .number(let text): bytes.append(contentsOf: text.utf8)
    case .string(let text): bytes.appendJSON(text)
    case .array(let values):
      bytes.append("[")
      for (index, value) in values.enumerated() {
        if index > 0 { bytes.append(",") }
        value.write(to: &bytes)
      }
      bytes.append("]")
    case .object(let members):
      bytes.append("{")
      for (index, member) in members.enumerated() {
        if index > 0 { bytes.append(",") }
        bytes.appendJSON(member.name)
        bytes.append(":")
        member.value.write(to: &bytes)
      }
      bytes.append("}")
    }
  }
}
