/// Decodes one value by containers.
struct ValueDecoder: Decoder {
  let decoding: ValueDecoding
  let value: AttributeValue
  let place: CodingPlace?
  /// Where it is noted what was asked for; nil if nobody wants to know.
  let reads: ValueReads?

  init(_ decoding: ValueDecoding, _ value: AttributeValue, at place: CodingPlace?, reads: ValueReads?) {
    self.decoding = decoding
    self.value = value
    self.place = place
    self.reads = reads
  }

  var codingPath: [any CodingKey] { CodingPlace.path(to: place) }
  var userInfo: [CodingUserInfoKey: Any] { decoding.userInfo }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard case .map(let map) = value else { throw decoding.mismatch(AttributeMap.self, value, at: place, takes: "M") }
    reads?.readByName()
    return KeyedDecodingContainer(MapDecodingContainer(self, map))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    guard case .list(let values) = value else { throw decoding.mismatch([AttributeValue].self, value, at: place, takes: "L") }
    reads?.readByIndex()
    return ListDecodingContainer(self, values)
  }

  func singleValueContainer() -> any SingleValueDecodingContainer { self }
}

extension ValueDecoder: SingleValueDecodingContainer {
  func decodeNil() -> Bool {
    guard case .null = value else { return false }
    return true
  }

  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    try decoding.value(type, from: value, at: place, reads: reads)
  }
}
