internal import DynamoDBModel

/// Why the service doesn't take a value, in its words: found by going through a value again that the tape refused.
struct ValueRefusal {
  let error: ServiceError
  /// True for what the service finds before it looks at any table, and says so.
  var isEarly = true
  /// True for what is no number, or none that the service can keep.
  var isNumber = false

  /// What is wrong with the first bad value of an item, a key or a map of values.
  static func first(in map: JSONValue) throws(ServiceError) -> ValueRefusal? {
    let members = try map.members("AttributeValue")
    for member in members { try checkShape(member.value) }
    for member in members {
      if member.name.isEmpty { return early("Empty attribute name") }
      if let refusal = of(member.value, depth: 1) { return refusal }
    }
    return nil
  }

  private static func early(_ message: String) -> ValueRefusal { ValueRefusal(error: .validation(message)) }

  private static func invalid(_ message: String) -> ValueRefusal { early("One or more parameter values were invalid: \(message)") }

  // MARK: The types of JSON

  /// Refuses what the service's parser can't make an attribute value of.
  static func checkShape(_ value: JSONValue) throws(ServiceError) {
    switch value {
    case .object(let members):
      for member in members where !member.value.isNull { try checkContent(member) }
    case .array: throw .serialization("Unrecognized collection type class com.amazonaws.dynamodb.v20120810.AttributeValue")
    default: throw .serialization("Unexpected value type in payload")
    }
  }

  private static func checkContent(_ member: JSONValue.Member) throws(ServiceError) {
    switch member.name {
    case "S", "N": _ = try member.value.text()
    case "B": try checkBinary(member.value)
    case "BOOL", "NULL": _ = try member.value.truth()
    case "SS", "NS": for element in try member.value.elements() { _ = try element.text() }
    case "BS": for element in try member.value.elements() { try checkBinary(element) }
    case "L": for element in try member.value.elements() { try checkShape(element) }
    case "M": for element in try member.value.members("AttributeValue") { try checkShape(element.value) }
    default: break
    }
  }

  private static func checkBinary(_ value: JSONValue) throws(ServiceError) {
    switch value {
    case .string(let text):
      let bytes = Array(text.utf8)
      guard bytes.count % 4 == 0 else {
        throw .serialization("Base64 encoded length is expected a multiple of 4 bytes but found: \(bytes.count)")
      }
      guard Base64.fault(bytes.span, 0..<bytes.count) == nil else {
        throw .serialization("Invalid last non-pad Base64 character dectected")
      }
    case .array: throw .serialization("Unrecognized collection type class java.nio.ByteBuffer")
    case .object: throw .serialization("Start of structure or map found where not expected")
    default: throw .serialization("only base-64-encoded strings are convertible to bytes")
    }
  }

  // MARK: The values

  /// What is wrong with one value.
  ///
  /// - Parameter depth: the levels around it, the item included.
  static func of(_ value: JSONValue, depth: Int) -> ValueRefusal? {
    let known = ["S", "N", "B", "BOOL", "NULL", "L", "M", "SS", "NS", "BS"]
    let members = (value.object ?? []).filter { known.contains($0.name) && !$0.value.isNull }
    guard let member = members.first else {
      return ValueRefusal(
        error: .validation("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"), isEarly: false)
    }
    if let refusal = of(member, depth: depth) { return refusal }
    guard members.count == 1 else {
      return ValueRefusal(
        error: .validation(
          "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes"),
        isEarly: false)
    }
    return nil
  }

  private static func of(_ member: JSONValue.Member, depth: Int) -> ValueRefusal? {
    let isNested = member.name == "L" || member.name == "M"
    guard depth < 32 || !isNested else {
      return early(
        "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit")
    }
    switch member.name {
    case "N": return number(member.value.string ?? "")
    case "NULL": return member.value.bool == false ? invalid("Null attribute value types must have the value of true") : nil
    case "SS", "NS", "BS": return set(member.name, (member.value.array ?? []).compactMap(\.string))
    case "L": return firstRefusal(member.value.array ?? []) { of($0, depth: depth + 1) }
    case "M":
      return firstRefusal(member.value.object ?? []) {
        $0.name.isEmpty ? early("Empty attribute name") : of($0.value, depth: depth + 1)
      }
    default: return nil
    }
  }

  private static func firstRefusal<Element>(_ elements: [Element], _ judge: (Element) -> ValueRefusal?) -> ValueRefusal? {
    for element in elements {
      if let refusal = judge(element) { return refusal }
    }
    return nil
  }

  private static func number(_ text: String) -> ValueRefusal? {
    func refusal(_ message: String) -> ValueRefusal { ValueRefusal(error: .validation(message), isNumber: true) }
    do throws(DynamoDBModelError) {
      _ = try DynamoDBNumber(text)
      return nil
    } catch {
      switch error.code {
      case .numberTooPrecise: return refusal("Attempting to store more than 38 significant digits in a Number")
      case .numberOutOfRange:
        return refusal(
          isTiny(text)
            ? "Number underflow. Attempting to store a number with magnitude smaller than supported range"
            : "Number overflow. Attempting to store a number with magnitude larger than supported range")
      default: return refusal("The parameter cannot be converted to a numeric value\(text.isEmpty ? "" : ": \(text)")")
      }
    }
  }

  /// True for a number out of range because it is too small: its exponent or its zeros behind the point say so.
  private static func isTiny(_ text: String) -> Bool {
    let parts = text.lowercased().split(separator: "e", maxSplits: 1)
    if parts.count == 2, let power = Int(parts[1]) { return power < 0 }
    return text.drop { $0 == "-" || $0 == "+" || $0 == "0" }.first == "."
  }

  private static func set(_ type: String, _ members: [String]) -> ValueRefusal? {
    guard !members.isEmpty else {
      return invalid(
        type == "SS"
          ? "An string set  may not be empty" : type == "NS" ? "An number set  may not be empty" : "Binary sets should not be empty")
    }
    if type == "NS", let refusal = firstRefusal(members, number) { return refusal }
    let keys = type == "NS" ? members.compactMap { try? DynamoDBNumber($0).canonicalText } : members
    guard Set(keys.map { Array($0.utf8) }).count < keys.count else { return nil }
    let quoted = members.map { "\"\($0)\"" }
    return invalid(
      type == "NS"
        ? "Input collection contains duplicates."
        : type == "SS"
          ? "Input collection [\(quoted.joined(separator: ", "))] contains duplicates."
          : "Input collection [\(quoted.joined(separator: ","))]of type BS contains duplicates.")
  }
}

extension ServiceError {
  /// The refusal of an item, a key or a map of values that the tape didn't take.
  ///
  /// - Parameter isEarly: whether this operation says so of what it finds before it looks at any table.
  static func value(_ error: DynamoDBModelError, _ json: JSONValue, isEarly: Bool = true) throws(ServiceError) -> ServiceError {
    guard let refusal = try ValueRefusal.first(in: json) else {
      return error.code == .duplicateName ? .serialization("") : .invalidParameter(error.message)
    }
    return .early(isEarly && refusal.isEarly, refusal.error.message)
  }
}
