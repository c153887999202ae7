import DynamoDBModel
import Testing

@Suite struct DynamoDBNumberTests {
  static let nines = String(repeating: "9", count: 38)

  static let canonical: [(String, String)] = [
    ("0", "0"), ("-0", "0"), ("+0", "0"), ("-0.0", "0"), ("0.000", "0"), ("0e5", "0"), ("0e-999", "0"),
    ("1.50", "1.5"), ("1e2", "100"), ("007", "7"), ("+5", "5"), (".5", "0.5"), ("-.5e1", "-5"), ("1.", "1"), ("1.e3", "1000"),
    ("1E+05", "100000"), ("+.5", "0.5"), ("123.456e-10", "0.0000000123456"), ("1e00000000000000000001", "10"),
    (nines, nines), ("-" + nines, "-" + nines), (nines + "0", nines + "0"), (nines + ".0", nines),
    ("0." + nines, "0." + nines), ("1234567890123456789.0987654321", "1234567890123456789.0987654321"),
    ("10000000000000000000000000000000000001", "10000000000000000000000000000000000001"),
    ("1.0000000000000000000000000000000000001", "1.0000000000000000000000000000000000001"),
    ("18446744073709551616", "18446744073709551616"), ("100000000000000000000.000000000000001", "100000000000000000000.000000000000001"),
    (String(repeating: "0", count: 300) + "7", "7"), ("1" + String(repeating: "0", count: 125), "1" + String(repeating: "0", count: 125)),
    ("1e125", "1" + String(repeating: "0", count: 125)), ("9.99e125", "999" + String(repeating: "0", count: 123)),
    ("1e-130", "0." + String(repeating: "0", count: 129) + "1"), ("100e-132", "0." + String(repeating: "0", count: 129) + "1"),
    ("0.1e-129", "0." + String(repeating: "0", count: 129) + "1"), ("-1e-130", "-0." + String(repeating: "0", count: 129) + "1"),
    ("12345678901234567890123456789012345678e-167", "0." + String(repeating: "0", count: 129) + "12345678901234567890123456789012345678"),
  ]

  @Test(arguments: canonical) func canonicalText(_ text: String, _ canonical: String) throws {
    let number = try DynamoDBNumber(text)
    #expect(number.text == text)
    #expect(number.canonicalText == canonical)
    #expect(try DynamoDBNumber(canonical) == number)
    #expect(try DynamoDBNumber(canonical).hashValue == number.hashValue)
  }

  static let refused: [(String, DynamoDBModelError.Code)] = [
    ("", .invalidNumber), ("-", .invalidNumber), (".", .invalidNumber), ("+.", .invalidNumber), ("e5", .invalidNumber),
    ("1e", .invalidNumber),
    ("1e+", .invalidNumber), ("--1", .invalidNumber), (" 5", .invalidNumber), ("5 ", .invalidNumber), ("1.2.3", .invalidNumber),
    ("0x10", .invalidNumber), ("Infinity", .invalidNumber), ("NaN", .invalidNumber), ("1_000", .invalidNumber), ("１", .invalidNumber),
    ("1f", .invalidNumber), ("1e5.0", .invalidNumber), ("1,5", .invalidNumber), ("1e5e5", .invalidNumber), ("1\u{0}", .invalidNumber),
    (nines + "5", .numberTooPrecise), ("1" + String(repeating: "0", count: 37) + "1", .numberTooPrecise),
    ("0.1" + String(repeating: "0", count: 37) + "1", .numberTooPrecise),
    ("1e126", .numberOutOfRange), ("99e125", .numberOutOfRange), ("1e-131", .numberOutOfRange), ("0.1e-130", .numberOutOfRange),
    ("1e99999999999999999999", .numberOutOfRange), ("-1e-99999999999999999999", .numberOutOfRange),
    ("1" + String(repeating: "0", count: 126), .numberOutOfRange),
  ]

  @Test(arguments: refused) func refuses(_ text: String, _ code: DynamoDBModelError.Code) {
    #expect { _ = try DynamoDBNumber(text) } throws: { ($0 as? DynamoDBModelError)?.code == code }
  }

  @Test func ordersByValue() throws {
    let texts = [
      "-9.99e125", "-1e100", "-101", "-100.5", "-100", "-1", "-0.9", "-1e-130", "0", "1e-130", "0.09", "0.1", "0.11", "0.9", "1", "1.0001",
      "2", "9", "10", "99", "100", "100.00000000000000000000000000000000001", "1e37", "10000000000000000000000000000000000001", "1e38",
      "9.99e125",
    ]
    let numbers = try texts.map { try DynamoDBNumber($0) }
    for (left, low) in numbers.enumerated() {
      for (right, high) in numbers.enumerated() {
        #expect((low < high) == (left < right), "\(low) \(high)")
        #expect((low == high) == (left == right), "\(low) \(high)")
      }
    }
  }

  static let sums: [(String, String, String)] = [
    ("1", "2", "3"), ("0", "-5", "-5"), ("1.5", "-1.5", "0"), ("0.1", "0.2", "0.3"), (nines, "1", "1" + String(repeating: "0", count: 38)),
    ("1e38", "-1", nines), ("1e125", "0", "1" + String(repeating: "0", count: 125)), ("-7", "10", "3"), ("7", "-10", "-3"),
    ("1e37", "0.1", ""), ("1e38", "-0.1", ""), (nines, nines, ""), ("1e100", "1e-100", ""), ("5e125", "5e125", ""), ("1e39", "-1", ""),
    (nines, "-" + nines, "0"), ("9.9e125", "-9.8e125", "1" + String(repeating: "0", count: 124)),
  ]

  @Test(arguments: sums) func adds(_ left: String, _ right: String, _ sum: String) throws {
    let (left, right) = (try DynamoDBNumber(left), try DynamoDBNumber(right))
    guard !sum.isEmpty else {
      #expect(throws: DynamoDBModelError.self) { _ = try left.adding(right) }
      #expect(throws: DynamoDBModelError.self) { _ = try right.adding(left) }
      return
    }
    #expect(try left.adding(right).text == sum)
    #expect(try right.adding(left).text == sum)
    #expect(try left.subtracting(DynamoDBNumber("0").subtracting(right)).text == sum)
  }

  @Test func convertsToIntegers() throws {
    #expect(Int(exactly: try DynamoDBNumber("-9223372036854775808")) == .min)
    #expect(Int(exactly: try DynamoDBNumber("9223372036854775808")) == nil)
    #expect(UInt64(exactly: try DynamoDBNumber("1.8446744073709551615e19")) == .max)
    #expect(UInt8(exactly: try DynamoDBNumber("255.0")) == 255)
    #expect(UInt8(exactly: try DynamoDBNumber("256")) == nil)
    #expect(UInt8(exactly: try DynamoDBNumber("-1")) == nil)
    #expect(Int(exactly: try DynamoDBNumber("1.5")) == nil)
    #expect(Int(exactly: try DynamoDBNumber("1e125")) == nil)
    #expect(Int(exactly: try DynamoDBNumber("2e2")) == 200)
    #expect(DynamoDBNumber(Int.min).text == "-9223372036854775808")
  }
}
