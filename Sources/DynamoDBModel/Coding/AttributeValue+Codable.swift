internal import HTTPTransport

// For other coders than DynamoDB's own, which take these types as they are.

extension DynamoDBNumber: Codable {
  /// DynamoDB's coders: the number itself. Others: its text, so that it stays exact.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }

  /// DynamoDB's coders: the number itself. Others: its text.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    do {
      try self.init(text)
    } catch {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: error.message)
    }
  }
}

extension AttributeMap: Codable {
  /// DynamoDB's coders: the map itself. Others: DynamoDB JSON, `{"name":{"S":"x"},…}`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: PlainKey.self)
    for (name, value) in self { try container.encode(value, forKey: PlainKey(stringValue: name)) }
  }

  /// DynamoDB's coders: the map itself. Others: DynamoDB JSON.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: PlainKey.self)
    var entries: [Element] = []
    for key in container.allKeys {
      guard !key.stringValue.isEmpty else {
        throw DecodingError.dataCorruptedError(forKey: key, in: container, debugDescription: DynamoDBModelError(.emptyName).message)
      }
      entries.append((key.stringValue, try container.decode(AttributeValue.self, forKey: key)))
    }
    // Other coders have their keys in any order.
    self.init(entries.sorted { UTF8Text.less($0.name, $1.name) })
  }
}

extension AttributeValue: Codable {
  /// DynamoDB's coders: the value itself. Others: DynamoDB JSON, `{"S":"x"}`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: PlainKey.self)
    let key = PlainKey(stringValue: "\(type.name)")
    switch self {
    case .string(let text): try container.encode(text, forKey: key)
    case .number(let number): try container.encode(number, forKey: key)
    case .binary(let bytes): try container.encode(Base64.text(of: bytes), forKey: key)
    case .bool(let value): try container.encode(value, forKey: key)
    case .null: try container.encode(true, forKey: key)
    case .list(let values): try container.encode(values, forKey: key)
    case .map(let map): try container.encode(map, forKey: key)
    case .stringSet(let members): try container.encode(members, forKey: key)
    case .numberSet(let members): try container.encode(members, forKey: key)
    case .binarySet(let members): try container.encode(members.map(Base64.text), forKey: key)
    }
  }

  /// DynamoDB's coders: the value itself. Others: DynamoDB JSON.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: PlainKey.self)
    func refusal(_ code: DynamoDBModelError.Code) -> DecodingError {
      .dataCorrupted(.init(codingPath: container.codingPath, debugDescription: code.sentence))
    }
    guard container.allKeys.count == 1, let key = container.allKeys.first else { throw refusal(.notOneType) }
    func bytes(_ text: String) throws -> [UInt8] {
      guard let bytes = Base64.bytes(of: text) else { throw refusal(.invalidBase64) }
      return bytes
    }
    func members<Member: Decodable & Hashable>(_ type: Member.Type) throws -> [Member] {
      let members = try container.decode([Member].self, forKey: key)
      guard !members.isEmpty else { throw refusal(.emptySet) }
      return members
    }
    switch key.stringValue {
    case "S": self = .string(try container.decode(String.self, forKey: key))
    case "N": self = .number(try container.decode(DynamoDBNumber.self, forKey: key))
    case "B": self = .binary(try bytes(try container.decode(String.self, forKey: key)))
    case "BOOL": self = .bool(try container.decode(Bool.self, forKey: key))
    case "NULL":
      guard try container.decode(Bool.self, forKey: key) else { throw refusal(.nullNotTrue) }
      self = .null
    case "L": self = .list(try container.decode([AttributeValue].self, forKey: key))
    case "M": self = .map(try container.decode(AttributeMap.self, forKey: key))
    case "SS": self = .stringSet(try members(String.self))
    case "NS": self = .numberSet(try members(DynamoDBNumber.self))
    case "BS": self = .binarySet(try members(String.self).map(bytes))
    default: throw refusal(.unknownType)
    }
    guard self.sortedSet.hasDistinctMembers else { throw refusal(.duplicateMember) }
  }
}

extension Base64 {
  fileprivate static func text(of bytes: [UInt8]) -> String {
    var text = ByteBuffer()
    appendEncoded(bytes.span, to: &text)
    return String(copying: text.span)
  }

  fileprivate static func bytes(of text: String) -> [UInt8]? {
    let characters = text.utf8.span
    guard fault(characters, 0..<characters.count) == nil else { return nil }
    var bytes = ByteBuffer()
    appendDecoded(characters, 0..<characters.count, to: &bytes)
    return [UInt8](copying: bytes.span)
  }
}
