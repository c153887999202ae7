internal import HTTPTransport

/// A set of any encodable members.
protocol EncodableSet {
  /// - Returns: nil for an empty set.
  func attributeValue(_ encoding: ValueEncoding, at place: CodingPlace?) throws -> AttributeValue?
}

/// A set of any decodable members.
protocol DecodableSet {
  static var empty: Self { get }
  static func decoded(_ members: [AttributeValue], _ decoding: ValueDecoding, at place: CodingPlace?) throws -> Self
}

extension Set: EncodableSet where Element: Encodable {
  func attributeValue(_ encoding: ValueEncoding, at place: CodingPlace?) throws -> AttributeValue? {
    guard !isEmpty else { return nil }
    var members: [AttributeValue] = []
    members.reserveCapacity(count)
    // A set's own order changes from run to run: members are sorted before anybody sees them.
    for member in self {
      members.append(try encoding.value(of: member, at: CodingPlace(PlainKey(intValue: members.count), in: place)))
    }
    let set = AttributeValue(setOf: members)
    guard set.hasDistinctMembers else { throw ValueFault("two members of the set would be stored as one") }
    return set
  }
}

extension Set: DecodableSet where Element: Decodable {
  static var empty: Set { [] }

  static func decoded(_ members: [AttributeValue], _ decoding: ValueDecoding, at place: CodingPlace?) throws -> Set {
    var set = Set(minimumCapacity: members.count)
    for (index, member) in members.enumerated() {
      let value = try decoding.value(Element.self, from: member, at: CodingPlace(PlainKey(intValue: index), in: place), reads: nil)
      guard set.insert(value).inserted else { throw ValueFault("two members are one in \(Element.self)") }
    }
    return set
  }
}

extension AttributeValue {
  /// A set with its members sorted; any other value as it is.
  var sortedSet: AttributeValue {
    switch self {
    case .stringSet, .numberSet, .binarySet: AttributeValue(setOf: members ?? [])
    default: self
    }
  }

  /// `SS`, `NS` or `BS` if all members are of that type, else `L`; sorted.
  fileprivate init(setOf members: [AttributeValue]) {
    let strings = members.compactMap(\.stringValue)
    let numbers = members.compactMap(\.numberValue)
    let binaries = members.compactMap(\.binaryValue)
    switch members.count {
    case strings.count: self = .stringSet(strings.sorted(by: UTF8Text.less))
    case numbers.count: self = .numberSet(numbers.sorted())
    case binaries.count: self = .binarySet(binaries.sorted { $0.lexicographicallyPrecedes($1) })
    default: self = .list(Self.sorted(members))
    }
  }

  /// Any order does that is the same in every run.
  private static func sorted(_ members: [AttributeValue]) -> [AttributeValue] {
    let forms = members.map { member in
      var form = ByteBuffer()
      member.appendCanonical(to: &form)
      return (bytes: [UInt8](copying: form.span), member: member)
    }
    return forms.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }.map(\.member)
  }

  /// Of a sorted set, whether all neighbors differ.
  var hasDistinctMembers: Bool {
    switch self {
    case .stringSet(let members): !zip(members, members.dropFirst()).contains(where: UTF8Text.equal)
    case .numberSet(let members): !zip(members, members.dropFirst()).contains(where: ==)
    case .binarySet(let members): !zip(members, members.dropFirst()).contains(where: ==)
    default: true
    }
  }

  /// The members of a set or a list; nil for any other type.
  var members: [AttributeValue]? {
    switch self {
    case .stringSet(let members): members.map { .string($0) }
    case .numberSet(let members): members.map { .number($0) }
    case .binarySet(let members): members.map { .binary($0) }
    case .list(let members): members
    default: nil
    }
  }
}
