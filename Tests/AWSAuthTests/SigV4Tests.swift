import AWSAuth
import HTTPTransport
import Testing

/// The worked examples of AWS's documentation and of its signature test suite.
@Suite struct SigV4Tests {
  static let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
  /// 2015-08-30 12:36:00 UTC.
  static let second: Int64 = 1_440_938_160

  struct Example: Sendable, CustomTestStringConvertible {
    let name: String
    var service = "service"
    let beforeDate: String
    let afterDate: String
    var body = ""
    let signature: String
    var testDescription: String { name }
  }

  static let token =
    "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/"
    + "kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64"
    + "lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=="

  static let examples = [
    Example(
      name: "IAM ListUsers", service: "iam",
      beforeDate: "GET\n/\nAction=ListUsers&Version=2010-05-08\ncontent-type:application/x-www-form-urlencoded; charset=utf-8\n"
        + "host:iam.amazonaws.com\nx-amz-date:",
      afterDate: "\n\ncontent-type;host;x-amz-date\n",
      signature: "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"),
    Example(
      name: "get-vanilla", beforeDate: "GET\n/\n\nhost:example.amazonaws.com\nx-amz-date:", afterDate: "\n\nhost;x-amz-date\n",
      signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
    Example(
      name: "post-vanilla", beforeDate: "POST\n/\n\nhost:example.amazonaws.com\nx-amz-date:", afterDate: "\n\nhost;x-amz-date\n",
      signature: "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
    Example(
      name: "get-vanilla-query-order-key-case",
      beforeDate: "GET\n/\nParam1=value1&Param2=value2\nhost:example.amazonaws.com\nx-amz-date:", afterDate: "\n\nhost;x-amz-date\n",
      signature: "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"),
    Example(
      name: "post-x-www-form-urlencoded",
      beforeDate: "POST\n/\n\ncontent-type:application/x-www-form-urlencoded\nhost:example.amazonaws.com\nx-amz-date:",
      afterDate: "\n\ncontent-type;host;x-amz-date\n", body: "Param1=value1",
      signature: "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"),
    Example(
      name: "post-sts-header-before", beforeDate: "POST\n/\n\nhost:example.amazonaws.com\nx-amz-date:",
      afterDate: "\nx-amz-security-token:\(token)\n\nhost;x-amz-date;x-amz-security-token\n",
      signature: "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"),
  ]

  @Test(arguments: examples) func `signs AWS's examples`(_ example: Example) {
    var signer = SigV4(
      secret: Self.secret, region: "us-east-1", service: example.service, beforeDate: example.beforeDate, afterDate: example.afterDate)
    signer.date(SigningDate(seconds: Self.second))
    #expect(signer.signature(ofBody: example.body.utf8.span).string == example.signature)
    // Its states are saved, not used up.
    #expect(signer.signature(ofBody: example.body.utf8.span).string == example.signature)
  }

  @Test func `derives the documented signing key`() {
    let key = SigV4.signingKey(secret: Self.secret, day: "20150830", region: "us-east-1", service: "iam")
    #expect(HexDigits(key).string == "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9")
  }

  @Test func `signs the documented string to sign`() {
    let key = HMACKey(SigV4.signingKey(secret: Self.secret, day: "20150830", region: "us-east-1", service: "iam").span)
    let string =
      "AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/iam/aws4_request\n"
      + "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59"
    #expect(HexDigits(key.code(of: string)).string == "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7")
  }
}
