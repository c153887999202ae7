internal import HTTPTransport

/// How a moment is stored.
public enum DynamoDBTimestampFormat: Sendable, Hashable, CaseIterable {
  /// A number of whole seconds since 1970, as time to live wants it; what lies between two seconds is cut off towards the past.
  case epochSeconds
  /// A number of whole milliseconds since 1970.
  case epochMilliseconds
  /// Text in UTC with a fraction only if it isn't zero, `2024-02-29T12:34:56.5Z`; read with any offset and fraction.
  case iso8601
}

/// Values of a type of moments, by the seconds since 1970 that they stand for.
struct TimestampConversion: Sendable {
  let seconds: @Sendable (Any) -> Double
  let make: @Sendable (Double) -> Any

  func encode(_ value: Any, as format: DynamoDBTimestampFormat) throws(ValueFault) -> AttributeValue {
    let milliseconds = (seconds(value) * 1_000).rounded()
    guard milliseconds >= Double(Timestamp.first), milliseconds <= Double(Timestamp.last),
      let moment = try? Timestamp(milliseconds: Int64(milliseconds))
    else { throw ValueFault("a moment must lie between the years 0 and 9999") }
    var text = ByteBuffer(capacity: 32)
    switch format {
    case .iso8601:
      moment.appendISO8601(to: &text)
      return .string(String(copying: text.span))
    case .epochSeconds, .epochMilliseconds:
      let isInexact = (try? moment.appendNumber(unit: format.unit, isLossy: true, to: &text)) == nil
      precondition(!isInexact, "cutting off is allowed")
      return .number(DynamoDBNumber(validated: String(copying: text.span)))
    }
  }

  func decode(_ value: AttributeValue, as format: DynamoDBTimestampFormat) throws(ValueFault) -> Any? {
    let moment: Timestamp
    do throws(Timestamp.Fault) {
      switch (format, value) {
      case (.iso8601, .string(let text)): moment = try Timestamp(iso8601: text.utf8.span, isLossy: true)
      case (.epochSeconds, .number(let number)), (.epochMilliseconds, .number(let number)):
        moment = try Timestamp(number: number.text.utf8.span, unit: format.unit, isLossy: false)
      default: return nil
      }
    } catch {
      throw ValueFault(
        error == .inexact ? "the number has a fraction of its unit" : "this is no moment between the years 0 and 9999 in the form expected")
    }
    return make(Double(moment.milliseconds) / 1_000)
  }
}

extension DynamoDBTimestampFormat {
  fileprivate var unit: Int64 { self == .epochSeconds ? 1_000 : 1 }
}
