// One generic method stands for the sixteen that each protocol lists: what a type is stored as is decided in one place.

/// Writes the properties of a map.
struct MapEncodingContainer<Key: CodingKey>: KeyedEncodingContainerProtocol {
  private let encoder: ValueEncoder
  private let content: ValueEncoder.MapContent

  init(_ encoder: ValueEncoder, _ content: ValueEncoder.MapContent) {
    self.encoder = encoder
    self.content = content
  }

  var codingPath: [any CodingKey] { encoder.codingPath }

  func encodeNil(forKey key: Key) throws { try put(.null, at: key) }

  func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
    let place = CodingPlace(key, in: encoder.place)
    // The service has no empty set: where the last member goes, the attribute goes.
    guard let stored = try encoder.encoding.valueUnlessEmptySet(of: value, at: place) else { return }
    try put(stored, at: key)
  }

  private func put(_ value: AttributeValue, at key: some CodingKey) throws {
    let name = key.stringValue
    guard !name.isEmpty else { throw encoder.encoding.namelessAttribute(in: encoder.place) }
    content.map[name] = value
  }

  private func child(_ key: some CodingKey) -> ValueEncoder {
    let child = ValueEncoder(encoder.encoding, at: CodingPlace(key, in: encoder.place))
    content.map[key.stringValue] = .null
    content.open.append((key.stringValue, child))
    return child
  }

  func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key) -> KeyedEncodingContainer<Nested> {
    child(key).container(keyedBy: type)
  }
  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { child(key).unkeyedContainer() }
  func superEncoder() -> any Encoder { child(PlainKey.super) }
  func superEncoder(forKey key: Key) -> any Encoder { child(key) }
}

/// Writes the elements of a list.
struct ListEncodingContainer: UnkeyedEncodingContainer {
  private let encoder: ValueEncoder
  private let content: ValueEncoder.ListContent

  init(_ encoder: ValueEncoder, _ content: ValueEncoder.ListContent) {
    self.encoder = encoder
    self.content = content
  }

  var codingPath: [any CodingKey] { encoder.codingPath }
  var count: Int { content.values.count }
  private var next: CodingPlace { CodingPlace(PlainKey(intValue: count), in: encoder.place) }

  func encodeNil() { content.values.append(.null) }

  func encode<Value: Encodable>(_ value: Value) throws { content.values.append(try encoder.encoding.value(of: value, at: next)) }

  private func child() -> ValueEncoder {
    let child = ValueEncoder(encoder.encoding, at: next)
    content.open.append((count, child))
    content.values.append(.null)
    return child
  }

  func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
    child().container(keyedBy: type)
  }
  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { child().unkeyedContainer() }
  func superEncoder() -> any Encoder { child() }
}
