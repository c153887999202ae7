internal import DynamoDBModel
internal import HTTPTransport

// What the service refuses of operands before it looks at any item. Only values of the request and results of functions have a type here;
// what stands at a path is judged when the condition is evaluated, and is then simply false.

extension ExpressionParser {
  internal mutating func noteMisused(_ function: String) {
    note(.misusedFunction, "The function is not allowed to be used this way in an expression; function: \(function)")
  }

  internal mutating func noteOperandCount(_ function: String, _ count: Int) {
    note(
      .operandCount,
      "Incorrect number of operands for operator or function; operator or function: \(function), number of operands: \(count)")
  }

  internal mutating func notePathRequired(_ function: String) {
    note(.pathRequired, "Operator or function requires a document path; operator or function: \(function)")
  }

  internal mutating func noteOperandType(function: String, _ type: String) {
    note(
      .operandType,
      "Incorrect operand type for operator or function; operator or function: \(function), operand type: \(type)")
  }

  internal mutating func check(_ comparator: Comparator, _ left: Operand, _ right: Operand) {
    checkDistinct(comparator.rawValue, left, [right])
    guard comparator.needsOrder else { return }
    for operand in [left, right] { checkOrdered(comparator.rawValue, operand) }
  }

  private mutating func checkOrdered(_ name: String, _ operand: Operand) {
    if let type = operand.type, !type.isScalarKeyType { noteOperandType(function: name, "\(type.name)") }
  }

  /// The service refuses to compare a path with itself.
  internal mutating func checkDistinct(_ name: String, _ first: Operand, _ others: [Operand]) {
    guard case .path(let path) = first, others.contains(first) else { return }
    note(
      .operandsNotDistinct,
      "The first operand must be distinct from the remaining operands for this operator or function; "
        + "operator: \(name), first operand: \(path.quoted)")
  }

  internal mutating func checkBounds(_ operand: Operand, _ lower: Operand, _ upper: Operand) {
    checkDistinct("BETWEEN", operand, [lower, upper])
    for operand in [operand, lower, upper] { checkOrdered("BETWEEN", operand) }
    guard case .value(let lower) = lower, case .value(let upper) = upper else { return }
    let bounds = "; lower bound operand: AttributeValue: \(lower.value.quoted), upper bound operand: AttributeValue: \(upper.value.quoted)"
    if lower.value.type != upper.value.type {
      note(.betweenBounds, "The BETWEEN operator requires same data type for lower and upper bounds", quoting: bounds)
    } else if let order = Condition.order(lower.value, upper.value), order > 0 {
      note(
        .betweenBounds, "The BETWEEN operator requires upper bound to be greater than or equal to lower bound", quoting: bounds)
    }
  }

  internal mutating func checkPrefix(_ operand: Operand) {
    if let type = operand.type, type != .string, type != .binary { noteOperandType(function: "begins_with", "\(type.name)") }
  }

  internal mutating func checkSize(_ operand: Operand) {
    if let type = operand.type, type == .number || type == .bool || type == .null {
      noteOperandType(function: "size", "\(type.name)")
    }
  }

  /// The second operand of `attribute_type`: a value that names a type.
  internal mutating func typeName(_ operand: Operand) -> ExpressionValue? {
    guard case .value(let value) = operand, let name = value.value.stringValue else {
      noteOperandType(function: "attribute_type", operand.type.map { "\($0.name)" } ?? "{NS,SS,L,BS,N,M,B,BOOL,NULL,S}")
      return nil
    }
    guard AttributeType.allCases.contains(where: { "\($0.name)" == name }) else {
      note(
        .operandType, "Invalid attribute type name found",
        quoting: "; type: \(name), valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}")
      return nil
    }
    return value
  }
}

extension Operand {
  /// The type, where it is known without an item.
  internal var type: AttributeType? {
    switch self {
    case .path: nil
    case .value(let value): value.value.type
    case .size: .number
    }
  }
}

extension AttributeValue {
  /// A scalar as the service quotes it in errors: `{N:5}`.
  internal var quoted: String {
    let text =
      switch self {
      case .string(let text): text
      case .number(let number): number.canonicalText
      case .binary(let bytes): Self.base64(bytes)
      default: "…"
      }
    return "{\(type.name):\(text)}"
  }

  private static func base64(_ bytes: [UInt8]) -> String {
    var text = ByteBuffer(capacity: bytes.count * 2)
    Base64.appendEncoded(bytes.span, to: &text)
    return String(copying: text.span)
  }
}
