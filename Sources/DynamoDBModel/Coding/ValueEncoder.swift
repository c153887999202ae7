/// Encodes one value that asks for containers.
final class ValueEncoder: Encoder {
  /// The values of a map, and encoders that others may still write to.
  final class MapContent {
    var map = AttributeMap()
    var open: [(name: String, encoder: ValueEncoder)] = []
  }

  /// The elements of a list, and encoders that others may still write to.
  final class ListContent {
    var values: [AttributeValue] = []
    var open: [(index: Int, encoder: ValueEncoder)] = []
  }

  private enum Content {
    case nothing
    case value(AttributeValue)
    case map(MapContent)
    case list(ListContent)
  }

  let encoding: ValueEncoding
  let place: CodingPlace?
  private var content = Content.nothing

  init(_ encoding: ValueEncoding, at place: CodingPlace?) {
    self.encoding = encoding
    self.place = place
  }

  var codingPath: [any CodingKey] { CodingPlace.path(to: place) }
  var userInfo: [CodingUserInfoKey: Any] { encoding.userInfo }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    switch content {
    case .map(let map): return KeyedEncodingContainer(MapEncodingContainer(self, map))
    case .nothing:
      let map = MapContent()
      content = .map(map)
      return KeyedEncodingContainer(MapEncodingContainer(self, map))
    case .list, .value: preconditionFailure("a value asked its encoder for containers of two kinds")
    }
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    switch content {
    case .list(let list): return ListEncodingContainer(self, list)
    case .nothing:
      let list = ListContent()
      content = .list(list)
      return ListEncodingContainer(self, list)
    case .map, .value: preconditionFailure("a value asked its encoder for containers of two kinds")
    }
  }

  func singleValueContainer() -> any SingleValueEncodingContainer { self }

  /// What was encoded; nothing at all is an empty map, as an empty struct is.
  func finish() throws -> AttributeValue {
    let depth = place?.depth ?? 0
    switch content {
    case .nothing: return .map(AttributeMap())
    case .value(let value): return value
    case .map(let content):
      guard depth < CodingPlace.deepest else { throw encoding.tooDeep(AttributeMap.self, at: place) }
      for (name, encoder) in content.open {
        guard !name.isEmpty else { throw encoding.namelessAttribute(in: place) }
        content.map[name] = try encoder.finish()
      }
      return .map(content.map)
    case .list(let content):
      guard depth < CodingPlace.deepest else { throw encoding.tooDeep([AttributeValue].self, at: place) }
      for (index, encoder) in content.open { content.values[index] = try encoder.finish() }
      return .list(content.values)
    }
  }
}

extension ValueEncoder: SingleValueEncodingContainer {
  func encodeNil() { put(.null) }

  func encode<Value: Encodable>(_ value: Value) throws { put(try encoding.value(of: value, at: place)) }

  private func put(_ value: AttributeValue) {
    guard case .nothing = content else { preconditionFailure("a value encoded itself twice") }
    content = .value(value)
  }
}
