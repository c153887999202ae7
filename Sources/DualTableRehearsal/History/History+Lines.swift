internal import DynamoDBModel
internal import HTTPTransport

/// Histories as JSON lines, as `rehearse --history` writes them.
extension History {
  package struct LineError: Error, CustomStringConvertible {
    package let line: Int
    package var description: String { "Line \(line) of the history isn't an event." }
  }

  /// One JSON object a line.
  package var lines: String { events.map { $0.line + "\n" }.joined() }

  package init(lines: String) throws {
    for (index, line) in lines.split(separator: "\n").enumerated() {
      guard let json = try? JSONValue(parsing: Array(line.utf8).span), let event = HistoryEvent(json) else {
        throw LineError(line: index + 1)
      }
      add(event)
    }
  }
}

extension HistoryEvent {
  /// One JSON object, without a line's end.
  package var line: String {
    var members: [JSONValue.Member] = [.init("op", .string(operation.rawValue)), .init("key", .string(key))]
    if let value { members.append(.init("value", .string(value))) }
    if let expect { members.append(.init("expect", .string(expect))) }
    if tellsResult && outcome != .unknown { members.append(.init("result", result.map { .string($0) } ?? .null)) }
    if operation != .initial {
      members += [
        .init("client", .number("\(client)")), .init("outcome", .string(outcome.rawValue)), .init("start", .number("\(start)")),
        .init("end", .number("\(end)")),
      ]
    }
    var out = ByteBuffer()
    JSONValue.object(members).encode(into: &out)
    return String(copying: out.span)
  }

  init?(_ json: JSONValue) {
    guard let operation = json["op"]?.string.flatMap(Operation.init), let key = json["key"]?.string else { return nil }
    self.init(key: key, operation: operation)
    value = json["value"]?.string
    expect = json["expect"]?.string
    tellsResult = json["result"] != nil
    result = json["result"]?.string
    guard operation != .initial else { return }
    guard let client = json["client"]?.integer, let outcome = json["outcome"]?.string.flatMap(Outcome.init),
      let start = json["start"]?.integer, let end = json["end"]?.integer
    else { return nil }
    (self.client, self.outcome, self.start, self.end) = (client, outcome, Int64(start), Int64(end))
  }
}
