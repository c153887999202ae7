import AWSAuth
import DynamoDBClient
import HTTPTransport
import Testing

@Suite struct ClockCorrectionTests {
  private static let now: Int64 = 1_700_000_000_000
  private static let minute: Int64 = 60_000

  /// A refusal's code, how far the service's clock is from ours, and whether that is corrected.
  @Test(
    arguments: [
      (.invalidSignature, 5, true), (.invalidSignature, -5, true), (.invalidSignature, 60 * 24 * 400, true),
      (.signatureDoesNotMatch, 5, true), (.authFailure, 5, true), (.requestTimeTooSkewed, -600, true), (.accessDenied, 5, true),
      (.invalidSignature, 4, false), (.accessDenied, 3, false), (.invalidSignature, 0, false), (.validation, 600, false),
      (.throttling, 600, false), (.conditionalCheckFailed, 600, false), (.expiredToken, 600, false), (.invalidSignature, nil, false),
      (.internalServerError, 600, false),
    ] as [(DynamoDBError.Code, Int64?, Bool)]) func learns(_ code: DynamoDBError.Code, _ minutes: Int64?, _ isCorrected: Bool)
  {
    var correction = ClockCorrection()
    let error = DynamoDBError(code, "", httpStatus: 400, serviceTime: minutes.map { Self.now + $0 * Self.minute })
    #expect(correction.learned(from: error, at: Self.now) == isCorrected)
    #expect(correction.offset == (isCorrected ? (minutes ?? 0) * Self.minute : 0) && correction.count == (isCorrected ? 1 : 0))
    // Once it is right, the same refusal has another cause.
    let again = correction.learned(from: error, at: Self.now)
    #expect(!again)
  }

  @Test func aStepOfTheMachinesClockIsCorrectedAgain() {
    var correction = ClockCorrection()
    let error = DynamoDBError(.invalidSignature, "", serviceTime: Self.now)
    let learned = [Self.now - 10 * Self.minute, Self.now].map { correction.learned(from: error, at: $0) }
    #expect(learned == [true, true] && correction.offset == 0 && correction.count == 2)
  }

  /// Many requests were signed before the first refusal corrected the clock.
  @Test func refusalsBehindTheFirstSignAgainToo() {
    let clock = ServiceClock(WallClock { Self.now })
    let error = DynamoDBError(.invalidSignature, "", serviceTime: Self.now + 10 * Self.minute)
    let before = clock.corrections
    #expect(clock.corrects(error, signedAfter: before) && clock.corrects(error, signedAfter: before))
    #expect(!clock.corrects(error, signedAfter: clock.corrections), "signed after the correction, it has another cause")
    #expect(!clock.corrects(DynamoDBError(.validation, ""), signedAfter: before))
    #expect(clock.wallClock.now() == Self.now + 10 * Self.minute && clock.milliseconds == 10 * Self.minute)
  }

  @Test(
    arguments: [
      ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777), ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
      ("Thu, 29 Feb 2024 23:59:59 GMT", 1_709_251_199),
      ("Sat, 21 Nov 2026 12:00:00 GMT", 1_795_262_400), ("Mon, 01 Mar 2100 00:00:00 GMT", 4_107_542_400),
      ("Tue, 30 Jun 2015 23:59:60 GMT", 1_435_708_800), ("Sunday, 06-Nov-94 08:49:37 GMT", nil), ("Sun Nov  6 08:49:37 1994", nil),
      ("Sun, 06 Nov 1994 08:49:37 CET", nil), ("Sun, 06 Now 1994 08:49:37 GMT", nil), ("Sun, 6 Nov 1994 08:49:37 GMT", nil),
      ("Sun, 06 Nov 1994 24:49:37 GMT", nil), ("Sun, 00 Nov 1994 08:49:37 GMT", nil), ("", nil), ("Sun, 06 Nov 1894 08:49:37 GMT", nil),
    ] as [(String, Int64?)]) func datesOfAnswers(_ text: String, _ seconds: Int64?)
  {
    let answer = makeAnswer(400, #"{"__type":"x#InvalidSignatureException"}"#, ["Date: \(text)"])
    #expect(DynamoDBError(answer: answer).serviceTime == seconds.map { $0 * 1_000 })
  }
}
