import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import HTTPTransport

/// Two tables that take no room, behind the wire: the old one's items are computed from their numbers, of the new one a bit an item is kept.
///
/// Sound as `@unchecked Sendable`: it is used by one `SimulatedTime`, which runs one job at a time.
final class GeneratedTransport: HTTPTransport, @unchecked Sendable {
  enum Kind: Int, CaseIterable {
    case filtered = 1
    case failed, alreadyThere, superseded, deleted
  }

  let items: Int
  /// One of so many items is of a kind.
  private let group: Int
  private let time: SimulatedTime
  /// Items that were put; one bit each.
  private var put: [UInt64]
  private(set) var putCount = 0
  /// Puts of items that were there already.
  private(set) var repeats = 0
  private(set) var scanned = 0
  private var success: HTTPAnswer

  init(items: Int, _ time: SimulatedTime) {
    self.items = items
    group = min(100_000, items / 10)
    self.time = time
    put = [UInt64](repeating: 0, count: items / 64 + 1)
    success = Self.answer(200, ByteBuffer(#"{"ConsumedCapacity":{"TableName":"new","CapacityUnits":1}}"#.utf8))
  }

  var loops: [any TaskExecutor] { [time] }
  func shutdown() async {}

  /// Numbers of a kind below the table's end.
  func count(_ kind: Kind) -> Int { (items - kind.rawValue + group - 1) / group }

  /// The bits that are set, counted anew.
  var putBits: Int { put.reduce(0) { $0 + $1.nonzeroBitCount } }

  func perform(_ source: any HTTPRequestSource, at origin: HTTPOrigin, timeouts: HTTPTimeouts) async {
    var request = HTTPRequestBuffer()
    var requests = 0
    while source.mayHaveMore {
      request.reset()
      guard let token = source.nextRequest(into: &request) else { break }
      requests += 1
      if request.body.count > 0, request.message.contains("_20120810.PutItem") {
        putItem(request.body, token, source)
      } else if request.message.contains("_20120810.Scan") {
        var page = scan(request.body)
        source.answered(token, &page)
      } else {
        var table = describe(request.body)
        source.answered(token, &table)
      }
    }
    // Eight connections, each of which takes five milliseconds for a request.
    try? await time.sleep(for: .microseconds(625 * requests))
  }

  // MARK: Puts

  private func putItem(_ body: Span<UInt8>, _ token: Int, _ source: any HTTPRequestSource) {
    // The conversion puts the id first: {"TableName":…,"Item":{"id":{"S":"u-000000000"}
    let number = Self.number(behind: "u-", in: body, from: 0) ?? -1
    precondition(number >= 0 && number < items, "an item that there isn't was put")
    let blocking: String
    switch Kind(rawValue: number % group) {
    case .alreadyThere: blocking = Self.newItem(number)
    case .superseded: blocking = #"{"id":{"S":"\#(Self.id(number))"},"email":{"S":"later"}}"#
    case .deleted: blocking = #"{"id":{"S":"\#(Self.id(number))"},"_dt":{"N":"1"}}"#
    case .filtered, .failed: preconditionFailure("an item that doesn't go across was put")
    case nil:
      let (word, bit) = (number >> 6, UInt64(1) << UInt64(number & 63))
      if put[word] & bit != 0 { repeats += 1 }
      put[word] |= bit
      putCount += 1
      return source.answered(token, &success)
    }
    var refusal = Self.answer(
      400,
      ByteBuffer(
        (#"{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","message":"The conditional request failed","Item":"#
          + blocking + "}").utf8))
    source.answered(token, &refusal)
  }

  // MARK: Pages

  private func scan(_ body: Span<UInt8>) -> HTTPAnswer {
    let segment = Self.number(behind: "\"Segment\":", in: body, from: 0) ?? 0
    let segments = Self.number(behind: "\"TotalSegments\":", in: body, from: 0) ?? 1
    let limit = Self.number(behind: "\"Limit\":", in: body, from: 0) ?? 1_000
    let end = items * (segment + 1) / segments
    let start = Self.number(behind: "u-", in: body, from: 0).map { $0 + 1 } ?? items * segment / segments
    let last = min(end, start + min(limit, 4_000))
    var json = ByteBuffer(capacity: (last - start) * 150 + 300)
    json.append("{\"Items\":[")
    for number in start..<last {
      if number > start { json.append(",") }
      append(number, to: &json)
    }
    json.append("],\"Count\":")
    json.appendDecimal(last - start)
    json.append(",\"ScannedCount\":")
    json.appendDecimal(last - start)
    json.append(",\"ConsumedCapacity\":{\"TableName\":\"old\",\"CapacityUnits\":")
    json.appendDecimal(max(1, (last - start) / 32))
    json.append("}")
    if last < end {
      json.append(",\"LastEvaluatedKey\":{\"id\":{\"S\":\"u-")
      Self.appendDigits(last - 1, to: &json)
      json.append("\"}}")
    }
    json.append("}")
    scanned += last - start
    return Self.answer(200, json)
  }

  private func append(_ number: Int, to json: inout ByteBuffer) {
    json.append("{\"id\":{\"S\":\"u-")
    Self.appendDigits(number, to: &json)
    json.append("\"},\"profile\":{\"M\":{\"email\":{\"S\":\"")
    json.appendDecimal(number)
    json.append("@example.com\"},\"age\":{\"S\":\"")
    if number % group == Kind.failed.rawValue { json.append("many") } else { json.appendDecimal(number % 90) }
    json.append("\"},\"city\":{\"S\":\"Rome\"}}}")
    if number % group == Kind.filtered.rawValue { json.append(",\"kind\":{\"S\":\"test\"}") }
    json.append("}")
  }

  private static func newItem(_ number: Int) -> String {
    #"{"id":{"S":"\#(id(number))"},"email":{"S":"\#(number)@example.com"},"age":{"N":"\#(number % 90)"},"#
      + #""profile":{"M":{"city":{"S":"Rome"}}}}"#
  }

  private static func id(_ number: Int) -> String {
    var digits = ByteBuffer()
    appendDigits(number, to: &digits)
    return "u-" + String(decoding: (0..<digits.count).map { digits[$0] }, as: UTF8.self)
  }

  /// Nine digits, so that the ids' order is the numbers'.
  private static func appendDigits(_ number: Int, to json: inout ByteBuffer) {
    var scale = 100_000_000
    while scale > 0 {
      json.append(UInt8(ascii: "0") + UInt8(number / scale % 10))
      scale /= 10
    }
  }

  // MARK: Bytes

  private func describe(_ body: Span<UInt8>) -> HTTPAnswer {
    let name = body.contains("\"old\"") ? "old" : "new"
    return Self.answer(
      200,
      ByteBuffer(
        (#"{"Table":{"TableName":"\#(name)","TableStatus":"ACTIVE","ItemCount":\#(items),"TableSizeBytes":\#(items * 100),"#
          + #""KeySchema":[{"AttributeName":"id","KeyType":"HASH"}],"AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"}]}}"#)
          .utf8))
  }

  private static func answer(_ status: Int, _ body: borrowing ByteBuffer) -> HTTPAnswer {
    var bytes = ByteBuffer(capacity: body.count + 40)
    if status == 200 { bytes.append("HTTP/1.1 200 OK\r\n\r\n") } else { bytes.append("HTTP/1.1 400 No\r\n\r\n") }
    bytes.append(body.span)
    let count = bytes.count
    return HTTPAnswer(status: status, bytes: bytes, fields: 17..<17, body: 19..<count)
  }

  /// The digits behind the first `mark`.
  private static func number(behind mark: StaticString, in bytes: Span<UInt8>, from: Int) -> Int? {
    let length = mark.utf8CodeUnitCount
    var start = from
    while start + length < bytes.count {
      var same = 0
      while same < length, unsafe bytes[start + same] == mark.utf8Start[same] { same += 1 }
      if same == length {
        var (number, index) = (0, start + length)
        guard bytes[index] >= 0x30, bytes[index] <= 0x39 else { return nil }
        while index < bytes.count, bytes[index] >= 0x30, bytes[index] <= 0x39 {
          number = number * 10 + Int(bytes[index] - 0x30)
          index += 1
        }
        return number
      }
      start += 1
    }
    return nil
  }
}
