import DualTableMapping
import DynamoDBModel
import Foundation

/// What `Mappings/identity.yaml` says: all but the key is kept.
struct CodableIdentity: CodableMapping {
  struct Keyed: Codable { var id: String }

  let identity = "identity"
  let oldSchema = KeySchema(hash: .init("id", .string))
  let newSchema = KeySchema(hash: .init("id", .string))
  let rest = CodableRest.keep

  func convert(_ old: Keyed) -> [Keyed] { [old] }
  func oldKey(for newKey: Item) throws(ConversionError) -> Item? { newKey }
}

/// What `Mappings/users.yaml` says, between two Codable types.
struct CodableUsers: RevertibleCodableMapping {
  struct Old: Codable {
    var id: String
    var profile: Profile?
    var enabled: String?
    var phone: AttributeValue?
    var expires: AttributeValue?

    struct Profile: Codable {
      var email: AttributeValue?
      var age: String?
      @EpochSeconds var created: Date?
    }
  }

  struct New: Codable {
    var id: String
    var schema = 2
    var email: AttributeValue?
    var age: DynamoDBNumber?
    @ISO8601 var createdAt: Date?
    var expiresAt: AttributeValue?
    var active: Bool?
    var contact: Contact?

    struct Contact: Codable { var phone: AttributeValue? }
  }

  let identity = "users"
  let oldSchema = KeySchema(hash: .init("id", .string))
  let newSchema = KeySchema(hash: .init("id", .string))
  let rest = CodableRest.keep
  let conversions = DynamoDBConversions()
    .addingTimestamps(Date.self, seconds: \.timeIntervalSince1970, make: Date.init(timeIntervalSince1970:))

  func convert(_ old: Old) throws -> [New] {
    let active: Bool? =
      switch old.enabled {
      case nil: nil
      case "Y": true
      case "N": false
      default: throw ConversionError(.unmatchedValue, path: "enabled")
      }
    return [
      New(
        id: old.id, email: old.profile?.email, age: try old.profile?.age.map(age), createdAt: old.profile?.created, expiresAt: old.expires,
        active: active, contact: old.phone.map { New.Contact(phone: $0) })
    ]
  }

  func revert(_ new: New) throws -> Old? {
    let isEmpty = new.email == nil && new.age == nil && new.createdAt == nil
    let profile = Old.Profile(email: new.email, age: new.age?.canonicalText, created: new.createdAt)
    return Old(
      id: new.id, profile: isEmpty ? nil : profile, enabled: new.active.map { $0 ? "Y" : "N" }, phone: new.contact?.phone,
      expires: new.expiresAt)
  }

  func oldKey(for newKey: Item) throws(ConversionError) -> Item? { newKey }
  func newKey(for oldKey: Item) throws(ConversionError) -> Item? { oldKey }

  private func age(_ text: String) throws -> DynamoDBNumber {
    guard let number = try? DynamoDBNumber(text) else { throw ConversionError(.invalidValue, path: "profile.age") }
    guard number.canonicalText == text else { throw ConversionError(.notReversible, path: "profile.age") }
    return number
  }
}

/// What `Mappings/orders.yaml` says, between Codable types: one for an order, an enum for what becomes of it.
struct CodableOrders: CodableMapping {
  struct Old: Codable {
    var orderId: String
    var customerId: AttributeValue?
    var kind: AttributeValue?
    @EpochMilliseconds var placed: Date?
    var lines: [AttributeMap]?
  }

  enum New: Encodable {
    case order(Order)
    case byID(ByID)

    struct Order: Encodable {
      var pk: String
      var sk: String
      var orderId: String
      var customerId: AttributeValue?
      var kind: AttributeValue?
      @ISO8601 var placedAt: Date?
      var lines: [AttributeMap]?
    }

    struct ByID: Encodable {
      var pk: String
      var sk = "META"
      var customerId: AttributeValue?
    }

    func encode(to encoder: any Encoder) throws {
      switch self {
      case .order(let order): try order.encode(to: encoder)
      case .byID(let byID): try byID.encode(to: encoder)
      }
    }
  }

  let identity = "orders"
  let oldSchema = KeySchema(hash: .init("orderId", .string))
  let newSchema = KeySchema(hash: .init("pk", .string), range: .init("sk", .string))
  let rest = CodableRest.keep
  let conversions = CodableUsers().conversions

  func convert(_ old: Old) throws -> [New] {
    if old.kind == "test" { return [] }
    let customer = try RawOrders.hole(old.customerId)
    return [
      .order(
        New.Order(
          pk: "CUSTOMER#\(customer)", sk: "ORDER#\(old.orderId)", orderId: old.orderId, customerId: old.customerId, kind: old.kind,
          placedAt: old.placed, lines: try old.lines.map { try $0.map(RawOrders.line) })),
      .byID(New.ByID(pk: "ORDER#\(old.orderId)", customerId: old.customerId)),
    ]
  }

  func oldKey(for newKey: Item) throws(ConversionError) -> Item? { try RawOrders().oldKey(for: newKey) }
}
