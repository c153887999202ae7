import DynamoDBClient

extension SeededGenerator {
  /// True about once in `times`.
  mutating func one(in times: Int) -> Bool { Int.random(in: 0..<times, using: &self) == 0 }
}
