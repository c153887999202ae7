internal import DualTableMapping
internal import DynamoDBClient
internal import DynamoDBModel

extension ValueDrawing {
  /// A value that a rule of this format converts, and that comes back the same.
  mutating func value(of format: ValueFormat) -> AttributeValue {
    switch format {
    case .string: .string("\(chance(oneIn: 4) ? "-" : "")\(digits(1 + below(9)))")
    case .number: .number(DynamoDBNumber(below(2_000_000) - 1_000_000))
    case .epochSeconds: .number(DynamoDBNumber(seconds()))
    case .epochMilliseconds: .number(DynamoDBNumber(seconds() * 1_000))
    case .iso8601: .string(timestamp())
    case .stringSet: .stringSet(distinct(1 + below(4)) { "\($1) \($0.token())" })
    case .numberSet: .numberSet(distinct(1 + below(4)) { DynamoDBNumber($0.below(100) * 10 + $1) })
    case .binarySet: .binarySet(distinct(1 + below(3)) { [UInt8($1)] + $0.bytes(3) })
    case .list: .list(distinct(1 + below(4)) { .string("\($1) \($0.token())") })
    case .binary: .binary(bytes(below(24)))
    case .base64: .string(base64(groups: 1 + below(8)))
    case .json: .string("{\"\(token())\":[\(digits(3)),true,null]}")
    case .value: value(depth: 2)
    }
  }

  /// From 1970 to 2099.
  private mutating func seconds() -> Int { below(4_102_444_800) }

  private mutating func timestamp() -> String {
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let date = "\(1970 + below(130))-\(two(1 + below(12)))-\(two(1 + below(28)))"
    return "\(date)T\(two(below(24))):\(two(below(60))):\(two(below(60)))Z"
  }

  /// Whole groups of four, so without padding.
  private mutating func base64(groups: Int) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    return String((0..<groups * 4).map { _ in pick(alphabet) })
  }
}
