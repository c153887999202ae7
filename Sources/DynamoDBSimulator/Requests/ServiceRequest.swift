internal import DynamoDBExpressions
internal import DynamoDBModel
internal import HTTPTransport

/// One request's operation and members, read where they lie.
struct ServiceRequest: ~Copyable {
  /// As in `PutItem`.
  let operation: String
  /// When it is carried out, in milliseconds since 1970 UTC.
  let now: Int64
  let caller: Caller
  private let body: ByteBuffer
  private let members: [(name: Range<Int>, value: Range<Int>)]

  /// Reads a request.
  ///
  /// - Parameter target: version and operation, as in `DynamoDB_20120810.PutItem`.
  init(target: String, body: consuming ByteBuffer, at now: Int64, from caller: Caller) throws(ServiceError) {
    guard target.utf8.starts(with: "DynamoDB_20120810.".utf8) else { throw .unknownOperation }
    let members = try Self.members(body.span)
    self.members = members
    operation = String(target.dropFirst(18))
    self.now = now
    self.caller = caller
    self.body = body
  }

  private static func members(_ body: Span<UInt8>) throws(ServiceError) -> [(name: Range<Int>, value: Range<Int>)] {
    do {
      var reader = try JSONObjectReader(body)
      var members: [(name: Range<Int>, value: Range<Int>)] = []
      members.reserveCapacity(8)
      while let name = try reader.next(body) { members.append((name, try reader.skip(body))) }
      try reader.finish(body)
      return members
    } catch {
      throw .serialization("")
    }
  }

  var bytes: Span<UInt8> {
    @_lifetime(borrow self)
    get { body.span }
  }

  /// Where a member's value lies; nil where it is missing or null.
  func range(_ name: StaticString) -> Range<Int>? {
    for member in members where body.span.equals(member.name, name) {
      return body.span[member.value.lowerBound] == UInt8(ascii: "n") ? nil : member.value
    }
    return nil
  }

  func has(_ name: StaticString) -> Bool { range(name) != nil }

  /// A member as JSON; nil where it is missing or null.
  func json(_ name: StaticString) throws(ServiceError) -> JSONValue? {
    guard let range = range(name) else { return nil }
    return try JSONValue(of: body.span.extracting(range))
  }

  /// The whole request as JSON.
  func json() throws(ServiceError) -> JSONValue { try JSONValue(of: body.span) }

  func string(_ name: StaticString) throws(ServiceError) -> String? {
    guard let range = range(name) else { return nil }
    let span = body.span
    if span[range.lowerBound] == UInt8(ascii: "\""), !span.extracting(range).holds(UInt8(ascii: "\\")) {
      return String(copying: span.extracting(range.lowerBound + 1..<range.upperBound - 1))
    }
    return try json(name)?.text()
  }

  func integer(_ name: StaticString) throws(ServiceError) -> Int? { try json(name)?.whole() }
  func flag(_ name: StaticString) throws(ServiceError) -> Bool? { try json(name)?.truth() }
  func list(_ name: StaticString) throws(ServiceError) -> [JSONValue]? { try json(name)?.elements() }
  func object(_ name: StaticString) throws(ServiceError) -> [JSONValue.Member]? { try json(name)?.members("AttributeValue") }

  /// True for operations that say so of what they find before they look at any table.
  var isEarly: Bool { ["PutItem", "UpdateItem", "DeleteItem"].contains(operation) }

  /// The expressions among the members called `names`, which can't stand beside `legacy`.
  func expressions(_ names: [StaticString], legacy: [StaticString]) throws(ServiceError) -> RequestExpressions {
    var expressions: [(name: String, text: String?)] = []
    for name in names { expressions.append(("\(name)", try string(name))) }
    return try RequestExpressions(
      names: json("ExpressionAttributeNames"), values: json("ExpressionAttributeValues"), expressions: expressions,
      legacy: legacy.map { ("\($0)", has($0)) }, isEarly: isEarly)
  }

  /// Puts a member that is an item or a key on the tape.
  ///
  /// - Returns: false where it is missing.
  func read(_ name: StaticString, _ tape: inout ItemTape) throws(ServiceError) -> Bool {
    guard let range = range(name) else { return false }
    do {
      _ = try tape.read(body.span, at: range.lowerBound)
      return true
    } catch {
      throw try .value(error, JSONValue(of: body.span.extracting(range)), isEarly: isEarly)
    }
  }
}

extension Span<UInt8> {
  fileprivate func holds(_ byte: UInt8) -> Bool {
    for index in 0..<count where self[index] == byte { return true }
    return false
  }
}
