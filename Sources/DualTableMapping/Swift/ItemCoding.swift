import DynamoDBModel

/// Takes items apart and puts them together for mappings between Codable types.
struct ItemCoding {
  private let conversions: DynamoDBConversions

  init(_ conversions: DynamoDBConversions) { self.conversions = conversions }

  /// Decodes an item, and tells what of it the type doesn't ask for.
  func decode<Value: Decodable>(_ type: Value.Type, from item: Item) throws(ConversionError) -> (value: Value, rest: UnreadAttributes) {
    do {
      return try DynamoDBDecoder(conversions: conversions).decodeTellingRest(type, from: item)
    } catch DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context) {
      throw ConversionError(.wrongType, context.codingPath, item, context.debugDescription)
    } catch DecodingError.keyNotFound(let key, let context) {
      throw ConversionError(.invalidValue, context.codingPath + [key], item, context.debugDescription)
    } catch DecodingError.dataCorrupted(let context) {
      throw ConversionError(.invalidValue, context.codingPath, item, context.debugDescription)
    } catch {
      throw ConversionError(thrown: error)
    }
  }

  /// Encodes a value as an item.
  func encode<Value: Encodable>(_ value: Value) throws(ConversionError) -> Item {
    do {
      return try DynamoDBEncoder(conversions: conversions).encode(value)
    } catch EncodingError.invalidValue(_, let context) {
      throw ConversionError(.invalidValue, rule: pathText(context.codingPath), message: context.debugDescription)
    } catch {
      throw ConversionError(thrown: error)
    }
  }

  /// Does with what nothing asked for as `rest` says.
  func place(
    _ unread: UnreadAttributes, of old: Item, by rest: CodableRest, in new: inout Item, keys: KeySchema
  ) throws(ConversionError) {
    switch rest {
    case .drop: return
    case .error:
      if let path = unread.path { throw ConversionError(.unmappedAttribute, path: path, message: Self.unread) }
    case .keep:
      if let path = unread.pathInList { throw ConversionError(.unmappedAttribute, path: path, message: Self.unread) }
      try Self.merge(unread.attributes, into: &new, at: "") { name, value, found in
        keys.attributes.contains { UTF8Text.equal($0.name, name) } && value == found
      }
    }
  }

  private static let unread = "nothing asks for this attribute, and `rest` doesn't say what becomes of it"

  /// Joins maps; where both have something else the item can't keep it.
  private static func merge(
    _ rest: AttributeMap, into new: inout AttributeMap, at path: String, unless isSame: (String, AttributeValue, AttributeValue) -> Bool
  ) throws(ConversionError) {
    for (name, value) in rest {
      let path = path.isEmpty ? name : "\(path).\(name)"
      switch (value, new[name]) {
      case (_, nil): new[name] = value
      case (.map(let rest), .map(var inner)?) where !rest.isEmpty:
        try merge(rest, into: &inner, at: path) { _, _, _ in false }
        new[name] = .map(inner)
      case (_, let found?):
        guard isSame(name, value, found) else { throw ConversionError(.occupiedTarget, rule: path, path: path, found: value.type) }
      }
    }
  }
}

private func pathText(_ keys: [any CodingKey]) -> String {
  keys.reduce("") { path, key in
    if let index = key.intValue { return "\(path)[\(index)]" }
    return path.isEmpty ? key.stringValue : "\(path).\(key.stringValue)"
  }
}

extension ConversionError {
  /// What a mapping in Swift threw: its own errors as they are, of others only the type, since their text may hold data.
  init(thrown error: any Error) {
    self = error as? ConversionError ?? ConversionError(.other, message: "the mapping threw \(type(of: error))")
  }

  fileprivate init(_ code: Code, _ keys: [any CodingKey], _ item: Item, _ message: String) {
    var value: AttributeValue? = .map(item)
    for key in keys {
      if let index = key.intValue, case .list(let values) = value {
        value = index < values.count ? values[index] : nil
      } else {
        value = value?.mapValue?[key.stringValue]
      }
    }
    self.init(code, rule: nil, path: pathText(keys), found: value.map { "\($0.type.name)" }, message: message)
  }
}
