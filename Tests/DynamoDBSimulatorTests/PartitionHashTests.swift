import DynamoDBModel
import HTTPTransport
import Testing

@testable import DynamoDBSimulator

@Suite("The hash of a partition key")
struct PartitionHashTests {
  /// From `printf Outliers<key> | md5sum`: the first sixteen digits.
  static let hashes: [(String, UInt64)] = [
    ("", 0x65A4_C052_94BE_8932),
    ("a", 0xF655_8E51_6275_DEE2),
    ("user-12345", 0x1094_3365_FABE_A699),
    (String(repeating: "x", count: 47), 0x1B96_78CA_5368_F04E),
    (String(repeating: "x", count: 48), 0x9FD2_A8C7_8302_0DE3),
    (String(repeating: "x", count: 55), 0xCF69_3DB9_8C35_7639),
    (String(repeating: "x", count: 56), 0xC36E_FACE_28D6_07C4),
    (String(repeating: "x", count: 200), 0x06B5_1BC5_2488_45A0),
  ]

  @Test(arguments: hashes)
  func isTheStartOfMD5(_ key: String, _ hash: UInt64) {
    #expect(PartitionHash.hash(Array(key.utf8).span) == hash)
  }

  @Test func segmentsShareTheHashesOut() {
    for total in [1, 2, 3, 7, 4_096, 5_000, 1_000_000] {
      var next: UInt64 = 0
      var isDone = false
      for segment in 0..<total {
        guard let range = PartitionHash.range(segment: segment, of: total) else { continue }
        #expect(range.lowerBound == next && !isDone)
        isDone = range.upperBound == .max
        next = range.upperBound &+ 1
      }
      #expect(isDone)
    }
  }

  /// Forms of numbers sort as the numbers do.
  @Test func numbersSort() throws {
    let texts = [
      "-9.9e125", "-1e125", "-100.5", "-100", "-99", "-10", "-9.99", "-1.5", "-1", "-0.5", "-0.05", "-1e-130", "0", "1e-130", "0.05", "0.5",
      "0.505", "1", "1.05", "1.5", "2", "9.99", "10", "11", "99", "100", "100.5", "12345678901234567890123456789012345678", "1e125",
      "9.9e125",
    ]
    let forms = try texts.map { text in
      var form = ByteBuffer()
      try DynamoDBNumber(text).decimal.appendSortable(to: &form)
      return [UInt8](copying: form.span)
    }
    for (left, right) in zip(forms.indices, forms.indices.dropFirst()) {
      #expect(forms[left].lexicographicallyPrecedes(forms[right]), "\(texts[left]) and \(texts[right])")
    }
  }
}
