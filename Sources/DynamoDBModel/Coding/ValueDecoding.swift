/// One call of the decoder: what all its containers share.
final class ValueDecoding {
  let conversions: DynamoDBConversions
  let allowsRounding: Bool
  let userInfo: [CodingUserInfoKey: any Sendable]
  private var routes: [ObjectIdentifier: Route] = [:]

  /// How values of a type are stored.
  private enum Route {
    case scalar(any ScalarCoding.Type)
    case conversion(DynamoDBConversions.Conversion)
    case timestamp(any AnyFormattedTimestamp.Type, TimestampConversion)
    case set(any DecodableSet.Type)
    case containers
    case refused(String)
  }

  init(conversions: DynamoDBConversions, allowsRounding: Bool, userInfo: [CodingUserInfoKey: any Sendable]) {
    self.conversions = conversions
    self.allowsRounding = allowsRounding
    self.userInfo = userInfo
  }

  /// The value of this type that is stored as `stored`.
  func value<Value: Decodable>(
    _ type: Value.Type, from stored: AttributeValue, at place: CodingPlace?, reads: ValueReads?
  ) throws -> Value {
    guard (place?.depth ?? 0) <= CodingPlace.deepest else { throw corrupted(place, "the value is nested too deep") }
    let found: Any?
    var takes = "another type"
    do {
      switch route(of: type) {
      case .containers: return try Value(from: ValueDecoder(self, stored, at: place, reads: reads))
      case .scalar(let scalar):
        takes = scalar.stored
        found = try scalar.decoded(stored, rounding: allowsRounding)
      case .conversion(let conversion): found = try conversion.decode(stored)
      case .timestamp(let formatted, let conversion):
        takes = formatted.format == .iso8601 ? "S" : "N"
        found = try conversion.decode(stored, as: formatted.format).flatMap { formatted.make($0) }
      case .set(let set):
        takes = "a set"
        found = try stored.members.map { try set.decoded($0, self, at: place) }
      case .refused(let sentence): throw ValueFault(sentence)
      }
    } catch let fault as ValueFault {
      throw corrupted(place, fault.sentence)
    }
    guard let value = found as? Value else { throw mismatch(type, stored, at: place, takes: takes) }
    reads?.readWhole()
    return value
  }

  /// What a type is if its attribute is missing; nil where it can't be.
  func valueOfNothing<Value: Decodable>(_ type: Value.Type) -> Value? {
    guard case .set(let set) = route(of: type) else { return nil }
    return set.empty as? Value
  }

  /// Types are looked into once a call: the questions to the runtime cost more than most values do.
  private func route(of type: Any.Type) -> Route {
    if let known = routes[ObjectIdentifier(type)] { return known }
    let route: Route =
      if let conversion = conversions.conversion(of: type) {
        .conversion(conversion)
      } else if let scalar = type as? any ScalarCoding.Type {
        .scalar(scalar)
      } else if let formatted = type as? any AnyFormattedTimestamp.Type {
        if let timestamps = conversions.timestamps(of: formatted.valueType) {
          .timestamp(formatted, timestamps)
        } else {
          .refused(ForeignType.timestampRefusal(formatted.valueType))
        }
      } else if let set = type as? any DecodableSet.Type {
        .set(set)
      } else if let refusal = ForeignType.refusal(of: type) {
        .refused(refusal)
      } else {
        .containers
      }
    routes[ObjectIdentifier(type)] = route
    return route
  }

  func corrupted(_ place: CodingPlace?, _ sentence: String) -> DecodingError {
    .dataCorrupted(.init(codingPath: CodingPlace.path(to: place), debugDescription: sentence))
  }

  func mismatch(_ type: Any.Type, _ stored: AttributeValue, at place: CodingPlace?, takes: String) -> DecodingError {
    let context = DecodingError.Context(
      codingPath: CodingPlace.path(to: place), debugDescription: "\(type) takes \(takes), found \(stored.type.name)")
    return if case .null = stored { .valueNotFound(type, context) } else { .typeMismatch(type, context) }
  }
}
