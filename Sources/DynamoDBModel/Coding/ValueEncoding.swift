/// One call of the encoder: what all its containers share.
final class ValueEncoding {
  let conversions: DynamoDBConversions
  let userInfo: [CodingUserInfoKey: any Sendable]
  private var routes: [ObjectIdentifier: Route] = [:]

  /// How values of a type are stored.
  private enum Route {
    case conversion(DynamoDBConversions.Conversion)
    case timestamp(TimestampConversion, DynamoDBTimestampFormat)
    case set
    case containers
    case refused(String)
  }

  init(conversions: DynamoDBConversions, userInfo: [CodingUserInfoKey: any Sendable]) {
    self.conversions = conversions
    self.userInfo = userInfo
  }

  /// What `value` is stored as.
  func value<Value: Encodable>(of value: Value, at place: CodingPlace?) throws -> AttributeValue {
    guard let stored = try valueUnlessEmptySet(of: value, at: place) else {
      throw refusal(of: Value.self, at: place, "a set can't be empty, and only in a map can it be left out")
    }
    return stored
  }

  /// What `value` is stored as; nil for an empty set, which the service has no value for.
  func valueUnlessEmptySet<Value: Encodable>(of value: Value, at place: CodingPlace?) throws -> AttributeValue? {
    guard (place?.depth ?? 0) <= CodingPlace.deepest else { throw tooDeep(Value.self, at: place) }
    do {
      if let scalar = value as? any ScalarCoding, conversions.conversion(of: Value.self) == nil { return try scalar.attributeValue() }
      switch route(of: Value.self) {
      case .containers:
        let encoder = ValueEncoder(self, at: place)
        try value.encode(to: encoder)
        return try encoder.finish()
      case .conversion(let conversion): return try conversion.encode(value)
      case .timestamp(let conversion, let format):
        guard let moment = value as? any AnyFormattedTimestamp else { preconditionFailure("only wrapped moments take this route") }
        return try conversion.encode(moment.value, as: format)
      case .set:
        guard let set = value as? any EncodableSet else { preconditionFailure("only sets take this route") }
        return try set.attributeValue(self, at: place)
      case .refused(let sentence): throw ValueFault(sentence)
      }
    } catch let fault as ValueFault {
      throw refusal(of: Value.self, at: place, fault.sentence)
    }
  }

  /// Types are looked into once a call: the questions to the runtime cost more than most values do.
  private func route(of type: Any.Type) -> Route {
    if let known = routes[ObjectIdentifier(type)] { return known }
    let route: Route =
      if let conversion = conversions.conversion(of: type) {
        .conversion(conversion)
      } else if let formatted = type as? any AnyFormattedTimestamp.Type {
        if let timestamps = conversions.timestamps(of: formatted.valueType) {
          .timestamp(timestamps, formatted.format)
        } else {
          .refused(ForeignType.timestampRefusal(formatted.valueType))
        }
      } else if type is any EncodableSet.Type {
        .set
      } else if let refusal = ForeignType.refusal(of: type) {
        .refused(refusal)
      } else {
        .containers
      }
    routes[ObjectIdentifier(type)] = route
    return route
  }

  func refusal(of type: Any.Type, at place: CodingPlace?, _ sentence: String) -> EncodingError {
    .invalidValue(type, .init(codingPath: CodingPlace.path(to: place), debugDescription: sentence))
  }

  func tooDeep(_ type: Any.Type, at place: CodingPlace?) -> EncodingError {
    refusal(of: type, at: place, "values may be nested \(CodingPlace.deepest) levels deep, the item included")
  }

  func namelessAttribute(in place: CodingPlace?) -> EncodingError {
    refusal(of: AttributeMap.self, at: place, "an attribute name needs at least one character")
  }
}

/// Types of Foundation whose own coding is for other formats: a date would become a number of seconds since 2001.
enum ForeignType {
  private static let names = ["Date", "Data", "Decimal", "URL"]

  static func refusal(of type: Any.Type) -> String? {
    let name = _typeName(type, qualified: true)
    guard name.hasPrefix("Foundation"), let own = name.split(separator: ".").last, names.contains(String(own)) else { return nil }
    return "\(own) needs a conversion; add one to the coder's `conversions`"
  }

  static func timestampRefusal(_ type: Any.Type) -> String {
    "\(type) is no type of moments; add it to the coder's `conversions` by `addingTimestamps`"
  }
}
