internal import DynamoDBExpressions
internal import DynamoDBModel
internal import HTTPTransport

/// One request's operation and members, read where they lie.
struct ServiceRequest: ~Copyable {
  let operation: String
  private let body: ByteBuffer
  private let members: [(name: String, range: Range<Int>)]

  /// Reads a request in wire form: head and body.
  init(_ message: Span<UInt8>) throws(ServiceError) {
    guard let (operation, bodyStart) = Self.head(message) else {
      throw .service("UnknownOperationException", "The request has no x-amz-target")
    }
    members = try Self.members(message.extracting(bodyStart..<message.count))
    self.operation = operation
    body = ByteBuffer((bodyStart..<message.count).map { message[$0] })
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

  /// The operation that the head names, and where the body begins.
  private static func head(_ message: Span<UInt8>) -> (operation: String, bodyStart: Int)? {
    var lines: [[UInt8]] = [[]]
    var index = 0
    while index < message.count {
      let byte = message[index]
      index += 1
      guard byte == 0x0A else {
        if byte != 0x0D { lines[lines.count - 1].append(byte) }
        continue
      }
      if lines[lines.count - 1].isEmpty { break }
      lines.append([])
    }
    let name = Array("x-amz-target:".utf8)
    guard let line = lines.first(where: { $0.count > name.count && $0.prefix(name.count).map { $0 | 0x20 } == name.map { $0 | 0x20 } })
    else { return nil }
    let target = String(decoding: line.dropFirst(name.count), as: UTF8.self)
    return target.split(separator: ".").last.map { (String($0), index) }
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
