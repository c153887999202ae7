import DualTableMapping
import DynamoDBModel
import HTTPTransport

/// What `Mappings/identity.yaml` says, in Swift.
struct RawIdentity: TableMapping {
  let identity = "identity"
  let oldSchema = KeySchema(hash: .init("id", .string))
  let newSchema = KeySchema(hash: .init("id", .string))

  func convert(_ item: Item) throws(ConversionError) -> [Item] { [item] }
  func oldKey(for newKey: Item) throws(ConversionError) -> Item? { newKey }
}

/// What `Mappings/users.yaml` says, in Swift on raw items.
struct RawUsers: RevertibleMapping {
  let identity = "users"
  let oldSchema = KeySchema(hash: .init("id", .string))
  let newSchema = KeySchema(hash: .init("id", .string))

  func convert(_ old: Item) throws(ConversionError) -> [Item] {
    var new = old
    let profile = old["profile"]?.mapValue ?? [:]
    if !profile.isEmpty {
      let rest = AttributeMap(profile.filter { !["email", "age", "created"].contains($0.name) })
      new["profile"] = rest.isEmpty ? nil : .map(rest)
    }
    for source in ["expires", "enabled", "phone"] { new[source] = nil }
    let contact = try Self.contact(with: old["phone"], in: new["contact"])
    let values: [(String, AttributeValue?)] = [
      ("schema", 2), ("email", profile["email"]), ("age", try profile["age"].map(Self.number)),
      ("createdAt", try profile["created"].map(Self.iso8601)), ("expiresAt", old["expires"]),
      ("active", try old["enabled"].map(Self.active)),
    ]
    for (target, value) in values {
      if let found = new[target] { throw ConversionError(.occupiedTarget, rule: target, path: target, found: "\(found.type.name)") }
      new[target] = value
    }
    new["contact"] = contact
    return [new]
  }

  func oldKey(for newKey: Item) throws(ConversionError) -> Item? { newKey }
  func newKey(for oldKey: Item) throws(ConversionError) -> Item? { oldKey }

  func revert(_ new: Item) throws(ConversionError) -> Item? {
    var old = new
    for target in ["schema", "email", "age", "createdAt", "expiresAt", "active", "contact"] { old[target] = nil }
    var profile = new["profile"]?.mapValue ?? [:]
    profile["email"] = new["email"]
    profile["age"] = new["age"]?.numberValue.map { .string($0.canonicalText) }
    if case .string(let text)? = new["createdAt"] {
      guard let moment = try? Timestamp(iso8601: text.utf8.span, isLossy: false) else {
        throw ConversionError(.invalidValue, path: "createdAt")
      }
      profile["created"] = .number(DynamoDBNumber(moment.milliseconds / 1_000))
    }
    if !profile.isEmpty { old["profile"] = .map(profile) }
    old["expires"] = new["expiresAt"]
    old["enabled"] = new["active"]?.boolValue.map { $0 ? "Y" : "N" }
    var contact = new["contact"]?.mapValue ?? [:]
    old["phone"] = contact["phone"]
    contact["phone"] = nil
    if !contact.isEmpty { old["contact"] = .map(contact) }
    return old
  }

  private static func contact(with phone: AttributeValue?, in kept: AttributeValue?) throws(ConversionError) -> AttributeValue? {
    switch (phone, kept) {
    case (let phone?, nil): return ["phone": phone]
    case (_, .map(var contact)?) where contact["phone"] == nil && (phone == nil || !contact.isEmpty):
      contact["phone"] = phone
      return .map(contact)
    case (nil, let kept) where kept?.mapValue == nil: return kept
    default: throw ConversionError(.occupiedTarget, rule: "contact")
    }
  }

  static func number(_ value: AttributeValue) throws(ConversionError) -> AttributeValue {
    guard case .string(let text) = value else { throw ConversionError(.wrongType, path: "profile.age") }
    guard let number = try? DynamoDBNumber(text) else { throw ConversionError(.invalidValue, path: "profile.age") }
    guard number.canonicalText == text else { throw ConversionError(.notReversible, path: "profile.age") }
    return .number(number)
  }

  private static func iso8601(_ value: AttributeValue) throws(ConversionError) -> AttributeValue {
    guard case .number(let number) = value else { throw ConversionError(.wrongType, path: "profile.created") }
    do throws(Timestamp.Fault) {
      var text = ByteBuffer()
      try Timestamp(number: number.text.utf8.span, unit: 1_000, isLossy: false).appendISO8601(to: &text)
      return .string(String(copying: text.span))
    } catch {
      throw ConversionError(error == .inexact ? .notReversible : .invalidValue, path: "profile.created")
    }
  }

  private static func active(_ value: AttributeValue) throws(ConversionError) -> AttributeValue {
    switch value {
    case "Y": true
    case "N": false
    default: throw ConversionError(.unmatchedValue, path: "enabled")
    }
  }
}

/// What `Mappings/orders.yaml` says, in Swift on raw items.
struct RawOrders: TableMapping {
  let identity = "orders"
  let oldSchema = KeySchema(hash: .init("orderId", .string))
  let newSchema = KeySchema(hash: .init("pk", .string), range: .init("sk", .string))

  func convert(_ old: Item) throws(ConversionError) -> [Item] {
    if old["kind"] == "test" { return [] }
    guard let order = old["orderId"]?.stringValue else { throw ConversionError(.invalidItem, path: "orderId") }
    let customer = try Self.hole(old["customerId"])
    var new = old
    new["placed"] = nil
    new["lines"] = nil
    let keys: [(String, AttributeValue)] = [("pk", .string("CUSTOMER#\(customer)")), ("sk", .string("ORDER#\(order)"))]
    for (name, value) in keys {
      if let found = new[name], found != value { throw ConversionError(.occupiedTarget, rule: name, path: name) }
      new[name] = value
    }
    if new["placedAt"] != nil { throw ConversionError(.occupiedTarget, rule: "placedAt", path: "placedAt") }
    new["placedAt"] = try old["placed"].map(Self.iso8601)
    new["lines"] = try old["lines"].map(Self.lines)
    let byID: Item = ["pk": .string("ORDER#\(order)"), "sk": "META", "customerId": old["customerId"] ?? .null]
    return [new, byID]
  }

  func oldKey(for newKey: Item) throws(ConversionError) -> Item? {
    guard let hash = newKey["pk"]?.stringValue, let range = newKey["sk"]?.stringValue else { return nil }
    if hash.hasPrefix("CUSTOMER#"), range.hasPrefix("ORDER#"), range.utf8.count > 6 {
      return ["orderId": .string(String(range.dropFirst(6)))]
    }
    guard hash.hasPrefix("ORDER#"), hash.utf8.count > 6, range == "META" else { return nil }
    return ["orderId": .string(String(hash.dropFirst(6)))]
  }

  static func hole(_ value: AttributeValue?) throws(ConversionError) -> String {
    switch value {
    case .string(let text)?: text
    case .number(let number)?: number.canonicalText
    case nil: throw ConversionError(.missingKey, rule: "pk")
    default: throw ConversionError(.wrongType, rule: "pk", path: "customerId")
    }
  }

  private static func iso8601(_ value: AttributeValue) throws(ConversionError) -> AttributeValue {
    guard case .number(let number) = value else { throw ConversionError(.wrongType, path: "placed") }
    do throws(Timestamp.Fault) {
      var text = ByteBuffer()
      try Timestamp(number: number.text.utf8.span, unit: 1, isLossy: false).appendISO8601(to: &text)
      return .string(String(copying: text.span))
    } catch {
      throw ConversionError(error == .inexact ? .notReversible : .invalidValue, path: "placed")
    }
  }

  /// A list of maps, or a map of them.
  private static func lines(_ value: AttributeValue) throws(ConversionError) -> AttributeValue {
    switch value {
    case .list(let lines):
      var converted: [AttributeValue] = []
      for line in lines { converted.append(try Self.line(line)) }
      return .list(converted)
    case .map(let lines):
      var converted = AttributeMap()
      for (name, line) in lines { converted[name] = try Self.line(line) }
      return .map(converted)
    default: throw ConversionError(.wrongType, path: "lines")
    }
  }

  private static func line(_ value: AttributeValue) throws(ConversionError) -> AttributeValue {
    guard case .map(let line) = value else { throw ConversionError(.wrongType, path: "lines") }
    return .map(try Self.line(line))
  }

  static func line(_ line: AttributeMap) throws(ConversionError) -> AttributeMap {
    var new = line
    new["qty"] = try line["qty"].map(RawUsers.number)
    return new
  }
}
