import DynamoDBModel
import HTTPTransport

extension Conversion {
  /// What `value` becomes.
  func convert(_ value: AttributeValue) throws(ConversionFault) -> AttributeValue {
    if let expected = was.type, value.type != expected { throw .wrongType }
    switch (value, type) {
    case (.stringSet(let members), .list): return .list(members.sorted(by: UTF8Text.less).map { .string($0) })
    case (.numberSet(let members), .list): return .list(members.sorted().map { .number($0) })
    case (.binarySet(let members), .list):
      return .list(members.sorted { $0.lexicographicallyPrecedes($1) }.map { .binary($0) })
    case (.list(let elements), .stringSet): return .stringSet(try set(elements, \.stringValue, UTF8Text.less))
    case (.list(let elements), .numberSet): return .numberSet(try set(elements, \.numberValue, <))
    case (.list(let elements), .binarySet):
      return .binarySet(try set(elements, \.binaryValue) { $0.lexicographicallyPrecedes($1) })
    case (.string(let text), .value): return try Self.value(ofJSON: text)
    case (_, .json):
      var out = ByteBuffer()
      try appendJSON(of: value, to: &out)
      return .string(String(copying: out.span))
    default: return try convertScalar(value)
    }
  }

  private func convertScalar(_ value: AttributeValue) throws(ConversionFault) -> AttributeValue {
    var out = ByteBuffer()
    switch value {
    case .string(let text): try appendConverted(text.utf8.span, to: &out)
    case .number(let number): try appendConverted(number.text.utf8.span, to: &out)
    case .binary(let bytes):
      var base64 = ByteBuffer()
      Base64.appendEncoded(bytes.span, to: &base64)
      try appendConverted(base64.span, to: &out)
    default: throw .wrongType
    }
    let text = String(copying: out.span)
    switch type.type {
    case .number:
      do { return .number(try DynamoDBNumber(text)) } catch { throw .invalidValue }
    case .binary: return .binary(base64Bytes(text) ?? [])
    default: return .string(text)
    }
  }

  /// The members of a set; strictly a list that is sorted, which is how the set would come back.
  private func set<Member>(
    _ elements: [AttributeValue], _ member: (AttributeValue) -> Member?, _ less: (Member, Member) -> Bool
  ) throws(ConversionFault) -> [Member] {
    var members: [Member] = []
    for element in elements {
      guard let value = member(element) else { throw .wrongType }
      members.append(value)
    }
    guard !members.isEmpty else { throw .invalidValue }
    let sorted = members.sorted(by: less)
    for (before, after) in zip(sorted, sorted.dropFirst()) where !less(before, after) {
      guard isLossy else { throw .notReversible }
    }
    guard isLossy else {
      for (before, after) in zip(members, members.dropFirst()) where !less(before, after) { throw .notReversible }
      return members
    }
    var distinct: [Member] = []
    for value in sorted where distinct.last.map({ less($0, value) }) ?? true { distinct.append(value) }
    return distinct
  }
}
