internal import DynamoDBModel

/// Why the service would refuse an expression, or the library does; `message` is the service's own text.
package struct ExpressionError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What rule was broken.
  package enum Code: String, Sendable, Hashable, CaseIterable {
    case empty, tooLong, syntax, tooManyOperators, tooDeep, redundantParentheses
    case unknownFunction, misusedFunction, operandCount, operandType, pathRequired, operandsNotDistinct, betweenBounds, tooManyOperands
    case reservedWord, undefinedName, undefinedValue, invalidPlaceholder, unusedPlaceholder, noExpression
    case repeatedSection, pathOverlap, pathConflict, invalidKeyCondition, keyAttribute, parameterCount
    /// The caller named an attribute that the library keeps for itself.
    case reservedName
  }

  /// Bytes that an expression may have.
  package static let longest = 4_096
  /// Operators that an expression may have.
  package static let mostOperators = 300

  /// Which request member the expression stands in.
  package enum Kind: String, Sendable, Hashable {
    case condition = "ConditionExpression"
    case filter = "FilterExpression"
    case keyCondition = "KeyConditionExpression"
    case update = "UpdateExpression"
    case projection = "ProjectionExpression"
  }

  /// What rule was broken.
  package let code: Code
  /// The text of the service's `ValidationException`; it may quote operands, so it goes to the caller of the request and nowhere else.
  package let message: String
  /// The message without anything that came from `ExpressionAttributeValues`.
  package let description: String

  /// An error of one expression.
  ///
  /// - Parameter quoting: what the service appends from the request's values; left out of `description`.
  package init(_ code: Code, in kind: Kind, _ message: String, quoting operands: String = "") {
    self.code = code
    self.description = "Invalid \(kind.rawValue): \(message)"
    self.message = description + operands
  }

  /// An error of what all expressions of a request share, or of a statement.
  ///
  /// - Parameter description: the message without the request's values, where it quotes any.
  package init(_ code: Code, _ message: String, description: String? = nil) {
    self.code = code
    self.message = message
    self.description = description ?? message
  }
}

extension ExpressionError {
  /// What the service says of a number that it can't store.
  ///
  /// - Parameter isTiny: true if a number out of range is too near to zero.
  internal static func unstorable(_ error: DynamoDBModelError, isTiny: Bool = false) -> ExpressionError {
    let text =
      switch error.code {
      case .numberTooPrecise: "Attempting to store more than 38 significant digits in a Number"
      case .numberOutOfRange where isTiny:
        "Number underflow. Attempting to store a number with magnitude smaller than supported range"
      case .numberOutOfRange: "Number overflow. Attempting to store a number with magnitude larger than supported range"
      default: "The parameter cannot be converted to a numeric value"
      }
    return ExpressionError(.operandType, text)
  }
}
