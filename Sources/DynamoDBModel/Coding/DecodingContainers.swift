// One generic method stands for the sixteen that each protocol lists: how a type is stored is decided in one place.

/// Reads the properties of a map.
struct MapDecodingContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
  private let decoder: ValueDecoder
  private let map: AttributeMap

  init(_ decoder: ValueDecoder, _ map: AttributeMap) {
    self.decoder = decoder
    self.map = map
  }

  var codingPath: [any CodingKey] { decoder.codingPath }
  var allKeys: [Key] { map.names.compactMap { Key(stringValue: $0) } }
  func contains(_ key: Key) -> Bool { map[key.stringValue] != nil }

  func decodeNil(forKey key: Key) throws -> Bool {
    guard case .null = try value(key) else { return false }
    _ = decoder.reads?.child(named: key.stringValue, .null)
    return true
  }

  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
    guard let stored = map[key.stringValue] else {
      if let empty = decoder.decoding.valueOfNothing(type) { return empty }
      throw missing(key)
    }
    return try decoder.decoding.value(
      type, from: stored, at: CodingPlace(key, in: decoder.place), reads: decoder.reads?.child(named: key.stringValue, stored))
  }

  /// `NULL` is nil, but for an `AttributeValue`, which can be it.
  func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
    guard map[key.stringValue] != nil else { return nil }
    if type != AttributeValue.self, try decodeNil(forKey: key) { return nil }
    return try decode(type, forKey: key)
  }

  private func value(_ key: some CodingKey) throws -> AttributeValue {
    guard let stored = map[key.stringValue] else { throw missing(key) }
    return stored
  }

  private func missing(_ key: some CodingKey) -> DecodingError {
    .keyNotFound(key, .init(codingPath: codingPath, debugDescription: "the attribute is missing"))
  }

  private func child(_ key: some CodingKey, _ stored: AttributeValue) -> ValueDecoder {
    ValueDecoder(
      decoder.decoding, stored, at: CodingPlace(key, in: decoder.place), reads: decoder.reads?.child(named: key.stringValue, stored))
  }

  func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key) throws -> KeyedDecodingContainer<Nested> {
    try child(key, value(key)).container(keyedBy: type)
  }
  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer { try child(key, value(key)).unkeyedContainer() }
  func superDecoder() throws -> any Decoder { child(PlainKey.super, map[PlainKey.super.stringValue] ?? .null) }
  func superDecoder(forKey key: Key) throws -> any Decoder { child(key, map[key.stringValue] ?? .null) }
}

/// Reads the elements of a list.
struct ListDecodingContainer: UnkeyedDecodingContainer {
  private let decoder: ValueDecoder
  private let values: [AttributeValue]
  private(set) var currentIndex = 0

  init(_ decoder: ValueDecoder, _ values: [AttributeValue]) {
    self.decoder = decoder
    self.values = values
  }

  var codingPath: [any CodingKey] { decoder.codingPath }
  var count: Int? { values.count }
  var isAtEnd: Bool { currentIndex == values.count }
  private var place: CodingPlace { CodingPlace(PlainKey(intValue: currentIndex), in: decoder.place) }

  mutating func decodeNil() throws -> Bool {
    guard case .null = try value(AttributeValue?.self) else { return false }
    currentIndex += 1
    return true
  }

  mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    let stored = try value(type)
    let value = try decoder.decoding.value(type, from: stored, at: place, reads: decoder.reads?.child(at: currentIndex, stored))
    currentIndex += 1
    return value
  }

  private func value(_ type: Any.Type) throws -> AttributeValue {
    guard !isAtEnd else {
      throw DecodingError.valueNotFound(type, .init(codingPath: CodingPlace.path(to: place), debugDescription: "the list ends before it"))
    }
    return values[currentIndex]
  }

  private mutating func child(_ type: Any.Type) throws -> ValueDecoder {
    let stored = try value(type)
    let child = ValueDecoder(decoder.decoding, stored, at: place, reads: decoder.reads?.child(at: currentIndex, stored))
    currentIndex += 1
    return child
  }

  mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) throws -> KeyedDecodingContainer<Nested> {
    try child(AttributeMap.self).container(keyedBy: type)
  }
  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try child([AttributeValue].self).unkeyedContainer()
  }
  mutating func superDecoder() throws -> any Decoder { try child(AttributeValue.self) }
}
