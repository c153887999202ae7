internal import HTTPTransport

/// Milliseconds since 1970 UTC of an answer's `Date` field, as in `Sun, 06 Nov 1994 08:49:37 GMT`; nil for anything else.
func milliseconds(ofHTTPDate bytes: Span<UInt8>) -> Int64? {
  let months: InlineArray<12, StaticString> = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
  func number(_ range: Range<Int>) -> Int64? { decimal(bytes, range).map(Int64.init) }
  func holds(_ text: StaticString, at offset: Int) -> Bool {
    (0..<text.utf8CodeUnitCount).allSatisfy { unsafe bytes[offset + $0] == text.utf8Start[$0] }
  }
  guard bytes.count == 29, holds(", ", at: 3), holds(":", at: 19), holds(":", at: 22), holds(" GMT", at: 25),
    let month = months.indices.first(where: { holds(months[$0], at: 8) }),
    let day = number(5..<7), let year = number(12..<16), let hour = number(17..<19), let minute = number(20..<22),
    let second = number(23..<25), 1...31 ~= day, hour < 24, minute < 60, second < 61, year >= 1970
  else { return nil }
  // Years begin in March, so that the leap day ends them.
  let shifted = month < 2 ? year - 1 : year
  let monthFromMarch = Int64((month + 10) % 12)
  let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
  let days = 365 * shifted + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
  return (((days * 24 + hour) * 60 + minute) * 60 + second) * 1_000
}
