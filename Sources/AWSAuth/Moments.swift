internal import DynamoDBModel
internal import HTTPTransport

/// Milliseconds since 1970 UTC of a time as credentials' ends are written: `2026-01-31T12:00:00Z`, with any fraction and offset, or with the
/// `UTC` that old versions of AWS's command line leave in their cache. Nil for anything else.
func milliseconds(ofISO8601 text: String) -> Int64? {
  let text = text.hasSuffix("UTC") ? text.dropLast(3) + "Z" : text
  return try? Timestamp(iso8601: Array(text.utf8).span, isLossy: true).milliseconds
}

/// The same the other way, nil for what lies beyond the calendar.
func iso8601(milliseconds: Int64) -> String? {
  guard let moment = try? Timestamp(milliseconds: milliseconds) else { return nil }
  var text = ByteBuffer()
  moment.appendISO8601(to: &text)
  return String(copying: text.span)
}
