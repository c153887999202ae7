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
  private let members: [(name: String, range: Range<Int>)]

  /// Reads a request.
  ///
  /// - Parameter target: version and operation, as in `DynamoDB_20120810.PutItem`.
  init(target: String, body: consuming ByteBuffer, at now: Int64, from caller: Caller) throws(ServiceError) {
    guard let operation = target.split(separator: ".").last else {
      throw .service("UnknownOperationException", "The request has no x-amz-target")
    }
    members = try Self.members(body.span)
    self.operation = String(operation)
    self.now = now
    self.caller = caller
    self.body = body
  }

  private static func members(_ body: Span<UInt8>) throws(ServiceError) -> [(name: String, range: Range<Int>)] {
    do {
      var reader = try JSONObjectReader(body)
      var members: [(name: String, range: Range<Int>)] = []
      while let name = try reader.next(body) {
        var text = ""
        for index in name { text.unicodeScalars.append(Unicode.Scalar(body[index])) }
        members.append((text, try reader.skip(body)))
      }
      try reader.finish(body)
      return members
    } catch {
      throw ServiceError(type: "com.amazon.coral.service#SerializationException", message: error.message)
    }
  }

  private func range(_ name: String) -> Range<Int>? { members.first { $0.name == name }?.range }

  /// A member as JSON; nil where it is missing.
  func json(_ name: String) throws(ServiceError) -> JSONValue? {
    guard let range = range(name) else { return nil }
    return try refusing { () throws(DynamoDBModelError) in try JSONValue(parsing: body.span.extracting(range)) }
  }

  /// The whole request as JSON.
  func json() throws(ServiceError) -> JSONValue {
    try refusing { () throws(DynamoDBModelError) in try JSONValue(parsing: body.span) }
  }

  func string(_ name: String) throws(ServiceError) -> String? { try json(name)?.string }
  func integer(_ name: String) throws(ServiceError) -> Int? { try json(name)?.integer }
  func flag(_ name: String) throws(ServiceError) -> Bool { try json(name)?.bool ?? false }

  /// A member that is an item or a key.
  func item(_ name: String) throws(ServiceError) -> Item? {
    guard let range = range(name) else { return nil }
    return try refusing { () throws(DynamoDBModelError) in try Item(wire: body.span.extracting(range)) }
  }

  /// The names and values of the request's expressions.
  func attributes() throws(ServiceError) -> ExpressionAttributes {
    var names: [String: String]?
    if let members = try json("ExpressionAttributeNames")?.object {
      names = [:]
      for member in members { names?[member.name] = member.value.string }
    }
    let values = try item("ExpressionAttributeValues")
    do {
      return try ExpressionAttributes(names: names, values: values)
    } catch {
      throw ServiceError(error)
    }
  }

  private func refusing<Value>(_ read: () throws(DynamoDBModelError) -> Value) throws(ServiceError) -> Value {
    do {
      return try read()
    } catch {
      throw ServiceError(error)
    }
  }
}
