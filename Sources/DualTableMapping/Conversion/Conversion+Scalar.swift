import DynamoDBModel
import HTTPTransport

extension Conversion {
  /// Appends what a scalar's content becomes: text plain, numbers as their text, binaries as their base64.
  ///
  /// Both executions go through here, so that they can't differ. Nothing is appended that JSON would escape, but for `iso8601` of none.
  func appendConverted(_ content: Span<UInt8>, to out: inout ByteBuffer) throws(ConversionFault) {
    switch (was, type) {
    case (.string, .number): try Self.appendNumber(content, mustBeCanonical: !isLossy, to: &out)
    case (.number, .string): try Self.appendNumber(content, mustBeCanonical: false, to: &out)
    case (.binary, .base64): out.append(content)
    case (.base64, .binary):
      guard Base64.fault(content, 0..<content.count) == nil else { throw .invalidValue }
      out.append(content)
    default:
      do throws(Timestamp.Fault) {
        try appendTimestamp(content, to: &out)
      } catch {
        throw error == .inexact ? .notReversible : .invalidValue
      }
    }
  }

  private func appendTimestamp(_ content: Span<UInt8>, to out: inout ByteBuffer) throws(Timestamp.Fault) {
    let moment =
      switch was {
      case .epochSeconds: try Timestamp(number: content, unit: 1_000, isLossy: isLossy)
      case .epochMilliseconds: try Timestamp(number: content, unit: 1, isLossy: isLossy)
      default: try Timestamp(iso8601: content, isLossy: isLossy)
      }
    switch type {
    case .epochSeconds: try moment.appendNumber(unit: 1_000, isLossy: isLossy, to: &out)
    case .epochMilliseconds: try moment.appendNumber(unit: 1, isLossy: isLossy, to: &out)
    default: moment.appendISO8601(to: &out)
    }
  }

  private static func appendNumber(_ text: Span<UInt8>, mustBeCanonical: Bool, to out: inout ByteBuffer) throws(ConversionFault) {
    if isShortCanonicalInteger(text) { return out.append(text) }
    let decimal: Decimal38
    do { decimal = try Decimal38(text) } catch { throw .invalidValue }
    let start = out.count
    decimal.append(to: &out)
    if mustBeCanonical && !UTF8Text.equal(out.span.extracting(start..<out.count), text) { throw .notReversible }
  }

  /// `0`, or up to 18 digits of which the first isn't zero.
  private static func isShortCanonicalInteger(_ text: Span<UInt8>) -> Bool {
    let count = text.count
    guard count > 0 && count <= 18, text[0] != UInt8(ascii: "0") || count == 1 else { return false }
    for index in 0..<count where text[index] &- UInt8(ascii: "0") > 9 { return false }
    return true
  }
}
