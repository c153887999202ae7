internal import DualTableMapping
internal import DynamoDBClient
internal import DynamoDBModel
internal import HTTPTransport

/// How much of an item a dead letter holds.
package enum DeadLetterPayload: String, Sendable, CaseIterable {
  /// The old key alone.
  case keys
  /// The whole old item beside it.
  case full
}

/// Why one item stays behind.
enum DeadLetter {
  case unconvertible(ConversionError)
  /// The service won't store the result.
  case refused(DynamoDBError)
  /// The put failed so often while others went through that it was given up.
  case retriesSpent(DynamoDBError)
  /// A mended mapping gives the item another key than the first one did, so that whoever went by the first would miss it.
  case keyMoved

  /// Appends one line of JSON: key, reason, what is known of the cause, and on request the item.
  ///
  /// - Parameters:
  ///   - tape: holds the old item.
  ///   - newKey: the key of the result that failed, where it came to one.
  func append(
    _ tape: borrowing ItemTape, _ bytes: Span<UInt8>, schema: KeySchema, newKey: Item?, payload: DeadLetterPayload,
    to lines: inout ByteBuffer
  ) {
    lines.append("{\"key\":{")
    var separator: StaticString = ""
    for attribute in schema.attributes {
      guard let node = tape.child(named: attribute.name.utf8.span, of: 0, bytes) else { continue }
      lines.append(separator)
      lines.appendJSON(attribute.name)
      lines.append(":")
      lines.append(bytes.extracting(tape[node].valueRange))
      separator = ","
    }
    lines.append("},\"reason\":")
    lines.appendJSON(reason)
    for (name, text) in details {
      lines.append(",")
      lines.appendJSON(name)
      lines.append(":")
      lines.appendJSON(text)
    }
    if let newKey {
      lines.append(",\"newKey\":")
      newKey.encode(into: &lines)
    }
    if payload == .full {
      lines.append(",\"item\":")
      lines.append(bytes.extracting(tape[0].valueRange))
    }
    lines.append("}\n")
  }

  /// A word for the kind of failure.
  var reason: String {
    switch self {
    case .unconvertible(let error): error.code.description
    case .refused: "refused"
    case .retriesSpent: "retriesSpent"
    case .keyMoved: "keyMoved"
    }
  }

  private var details: [(String, String)] {
    switch self {
    case .unconvertible(let error):
      [("rule", error.rule), ("path", error.path), ("found", error.found), ("message", error.message)].compactMap { name, text in
        text.map { (name, $0) }
      }
    case .keyMoved: [("message", "The mended mapping gives the item another key: mend it so that keys stay.")]
    case .refused(let error), .retriesSpent(let error):
      [("code", "\(error.code)"), ("message", error.description), ("requestID", error.requestID)].compactMap { name, text in
        text.map { (name, $0) }
      }
    }
  }
}
