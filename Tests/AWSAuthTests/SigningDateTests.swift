import AWSAuth
import Glibc
import Testing

@Suite struct SigningDateTests {
  static let dates: [(seconds: Int64, text: String)] = [
    (0, "19700101T000000Z"),
    (-1, "19691231T235959Z"),
    (951_782_399, "20000228T235959Z"),
    (951_782_400, "20000229T000000Z"),
    (951_868_800, "20000301T000000Z"),
    (1_440_938_160, "20150830T123600Z"),
    (4_107_542_400, "21000301T000000Z"),
    (4_107_542_399, "21000228T235959Z"),
    (253_402_300_799, "99991231T235959Z"),
  ]

  @Test(arguments: dates) func `spells a second`(_ seconds: Int64, _ text: String) {
    #expect(SigningDate(seconds: seconds).string == text)
    #expect(SigningDate(seconds: seconds).day == String(text.prefix(8)))
  }

  @Test func `agrees with the C library on every month of two centuries`() {
    for step in 0..<2_400 {
      var seconds = time_t(-3_000_000_000 + step * 2_629_801)
      var parts = tm()
      unsafe gmtime_r(&seconds, &parts)
      let numbers = [parts.tm_year + 1_900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec]
      let text = SigningDate(seconds: Int64(seconds)).string
      let read = [(0, 4), (4, 2), (6, 2), (9, 2), (11, 2), (13, 2)].map { at, count in
        Int32(String(text.dropFirst(at).prefix(count)))
      }
      #expect(read == numbers.map { $0 }, "second \(seconds)")
    }
  }
}
