import DynamoDBExpressions
import DynamoDBModel
import Testing

/// Each rule, in the service's words.
@Suite struct ExpressionErrorTests {
  static let values: AttributeMap = [
    ":n": 1, ":two": 2, ":s": "S", ":l": [1], ":yes": true, ":dog": "DOG", ":null": nil, ":ss": .stringSet(["a"]), ":b": .binary([1]),
  ]

  static let conditions: [(String, ExpressionError.Code, String)] = [
    ("", .empty, "The expression can not be empty;"),
    (" \t\n", .empty, "The expression can not be empty;"),
    ("a", .syntax, #"Syntax error; token: "<EOF>", near: "a""#),
    ("attribute_exists(a) AND NOT #a", .syntax, ##"Syntax error; token: "<EOF>", near: "#a""##),
    ("a-b", .syntax, #"Syntax error; token: "-", near: "a-b""#),
    ("a = 0 AND b = c", .syntax, #"Syntax error; token: "0", near: "= 0 AND""#),
    ("a IN ()", .syntax, #"Syntax error; token: ")", near: "()""#),
    ("a IN (:n", .syntax, #"Syntax error; token: "<EOF>", near: ":n""#),
    ("a == :n", .syntax, #"Syntax error; token: "=", near: "== :n""#),
    ("a = :n AND", .syntax, #"Syntax error; token: "<EOF>", near: "AND""#),
    ("a AND b = :n", .syntax, #"Syntax error; token: "AND", near: "a AND b""#),
    ("(a = :n) = :n", .syntax, #"Syntax error; token: "=", near: ") = :n""#),
    ("a = (b = c)", .syntax, #"Syntax error; token: "=", near: "b = c""#),
    ("a = NOT b", .syntax, #"Syntax error; token: "NOT", near: "= NOT b""#),
    ("(a = :n", .syntax, #"Syntax error; token: "<EOF>", near: ":n""#),
    ("a = :n)", .syntax, #"Syntax error; token: ")", near: ":n)""#),
    ("a.2 = :n", .syntax, #"Syntax error; token: "2", near: ".2 =""#),
    ("a[b] = :n", .syntax, #"Syntax error; token: "b", near: "[b]""#),
    ("a[1 = :n", .syntax, #"Syntax error; token: "=", near: "1 = :n""#),
    ("é = :n", .syntax, #"Syntax error; token: "é", near: "é =""#),
    ("# = :n", .syntax, ##"Syntax error; token: "#", near: "# =""##),
    ("a BETWEEN :n", .syntax, #"Syntax error; token: "<EOF>", near: ":n""#),
    ("a[99999999999] = :n", .syntax, "List index is not within the allowable range; index: [99999999999]"),
    ("((a = :n))", .redundantParentheses, "The expression has redundant parentheses;"),
    ("((a)) = :n", .redundantParentheses, "The expression has redundant parentheses;"),
    ("a = ((:n))", .redundantParentheses, "The expression has redundant parentheses;"),
    ("a = :n AND ((b = :n AND c = :n))", .redundantParentheses, "The expression has redundant parentheses;"),
    ("dog(a)", .unknownFunction, "Invalid function name; function: dog"),
    ("Attribute_exists(a)", .unknownFunction, "Invalid function name; function: Attribute_exists"),
    ("size(a)", .misusedFunction, "The function is not allowed to be used this way in an expression; function: size"),
    ("NOT size(a)", .misusedFunction, "The function is not allowed to be used this way in an expression; function: size"),
    (
      "attribute_exists(a) = :n", .misusedFunction,
      "The function is not allowed to be used this way in an expression; function: attribute_exists"
    ),
    (
      "contains(a, begins_with(b, :s))", .misusedFunction,
      "The function is not allowed to be used this way in an expression; function: begins_with"
    ),
    ("if_not_exists(a, b) = :n", .misusedFunction, "The function is not allowed in a condition expression; function: if_not_exists"),
    (
      "size(a, b) = :n", .operandCount,
      "Incorrect number of operands for operator or function; operator or function: size, number of operands: 2"
    ),
    (
      "begins_with(a)", .operandCount,
      "Incorrect number of operands for operator or function; operator or function: begins_with, number of operands: 1"
    ),
    ("attribute_exists(:n)", .pathRequired, "Operator or function requires a document path; operator or function: attribute_exists"),
    (
      "attribute_not_exists(size(a))", .pathRequired,
      "Operator or function requires a document path; operator or function: attribute_not_exists"
    ),
    (
      "a = a", .operandsNotDistinct,
      "The first operand must be distinct from the remaining operands for this operator or function; operator: =, first operand: [a]"
    ),
    (
      "contains(a.b[1], a.b[1])", .operandsNotDistinct,
      "The first operand must be distinct from the remaining operands for this operator or function; "
        + "operator: contains, first operand: [a, b, [1]]"
    ),
    ("a < :l", .operandType, "Incorrect operand type for operator or function; operator: <, operand type: L"),
    (":yes >= a", .operandType, "Incorrect operand type for operator or function; operator: >=, operand type: BOOL"),
    (
      "begins_with(a, :n)", .operandType,
      "Incorrect operand type for operator or function; operator or function: begins_with, operand type: N"
    ),
    (
      "begins_with(size(a), :s)", .operandType,
      "Incorrect operand type for operator or function; operator or function: begins_with, operand type: N"
    ),
    ("size(:n) = :n", .operandType, "Incorrect operand type for operator or function; operator or function: size, operand type: N"),
    ("size(size(a)) = :n", .operandType, "Incorrect operand type for operator or function; operator or function: size, operand type: N"),
    (
      "attribute_type(a, :n)", .operandType,
      "Incorrect operand type for operator or function; operator or function: attribute_type, operand type: N"
    ),
    (
      "attribute_type(a, b)", .operandType,
      "Incorrect operand type for operator or function; operator or function: attribute_type, operand type: {NS,SS,L,BS,N,M,B,BOOL,NULL,S}"
    ),
    ("attribute_type(a, :dog)", .operandType, "Invalid attribute type name found; type: DOG, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}"),
    (
      "a BETWEEN :two AND :n", .betweenBounds,
      "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; "
        + "lower bound operand: AttributeValue: {N:2}, upper bound operand: AttributeValue: {N:1}"
    ),
    (
      "a BETWEEN :n AND :s", .betweenBounds,
      "The BETWEEN operator requires same data type for lower and upper bounds; "
        + "lower bound operand: AttributeValue: {N:1}, upper bound operand: AttributeValue: {S:S}"
    ),
    ("a BETWEEN :l AND :l", .operandType, "Incorrect operand type for operator or function; operator: BETWEEN, operand type: L"),
    ("status = :n", .reservedWord, "Attribute name is a reserved keyword; reserved keyword: status"),
    ("a.Name = :n", .reservedWord, "Attribute name is a reserved keyword; reserved keyword: Name"),
    ("#gone = :n", .undefinedName, "An expression attribute name used in the document path is not defined; attribute name: #gone"),
    ("a = :gone", .undefinedValue, "An expression attribute value used in expression is not defined; attribute value: :gone"),
    // Of several broken rules the service names one.
    ("status = :gone AND ((a = :n))", .redundantParentheses, "The expression has redundant parentheses;"),
    ("status = :gone", .reservedWord, "Attribute name is a reserved keyword; reserved keyword: status"),
    ("dog(a) OR size(b)", .unknownFunction, "Invalid function name; function: dog"),
    (
      "a = a AND b = :gone", .operandsNotDistinct,
      "The first operand must be distinct from the remaining operands for this operator or function; operator: =, first operand: [a]"
    ),
    ("a = :gone AND b = b", .undefinedValue, "An expression attribute value used in expression is not defined; attribute value: :gone"),
  ]

  @Test(arguments: conditions) func refusesConditions(_ text: String, _ code: ExpressionError.Code, _ message: String) throws {
    let error = #expect(throws: ExpressionError.self) {
      var attributes = try ExpressionAttributes(names: ["#a": "a"], values: Self.values)
      _ = try ConditionExpression(text, &attributes)
    }
    #expect(error?.code == code)
    #expect(error?.message == "Invalid ConditionExpression: " + message)
  }

  static let updates: [(String, ExpressionError.Code, String)] = [
    ("", .empty, "The expression can not be empty;"),
    ("a = :n", .syntax, #"Syntax error; token: "a", near: "a =""#),
    ("SET", .syntax, #"Syntax error; token: "<EOF>", near: "SET""#),
    ("SET a = :n,", .syntax, #"Syntax error; token: "<EOF>", near: ",""#),
    ("SET a", .syntax, #"Syntax error; token: "<EOF>", near: "a""#),
    ("SET a = ", .syntax, #"Syntax error; token: "<EOF>", near: "=""#),
    ("SET a = :n +", .syntax, #"Syntax error; token: "<EOF>", near: "+""#),
    ("SET (a) = :n", .syntax, #"Syntax error; token: "(", near: "SET (a""#),
    ("ADD a b", .syntax, #"Syntax error; token: "b", near: "a b""#),
    ("ADD a", .syntax, #"Syntax error; token: "<EOF>", near: "a""#),
    ("SET a = :n REMOVE SET", .syntax, #"Syntax error; token: "SET", near: "REMOVE SET""#),
    ("SET a = :n SET b = :n", .repeatedSection, #"The "SET" section can only be used once in an update expression;"#),
    ("remove a Remove b", .repeatedSection, #"The "REMOVE" section can only be used once in an update expression;"#),
    ("SET a = dog(b)", .unknownFunction, "Invalid function name; function: dog"),
    ("SET a = size(b)", .unknownFunction, "Invalid function name; function: size"),
    (
      "SET a = list_append(b)", .operandCount,
      "Incorrect number of operands for operator or function; operator or function: list_append, number of operands: 1"
    ),
    ("SET a = if_not_exists(:n, :n)", .pathRequired, "Operator or function requires a document path; operator or function: if_not_exists"),
    (
      "SET a = list_append(b, :n)", .operandType,
      "Incorrect operand type for operator or function; operator or function: list_append, operand type: N"
    ),
    ("SET a = a + :s", .operandType, "Incorrect operand type for operator or function; operator or function: +, operand type: S"),
    ("SET a = :l - a", .operandType, "Incorrect operand type for operator or function; operator or function: -, operand type: L"),
    ("ADD a :s", .operandType, "Incorrect operand type for operator or function; operator: ADD, operand type: STRING"),
    ("ADD a :l", .operandType, "Incorrect operand type for operator or function; operator: ADD, operand type: LIST"),
    ("DELETE a :n", .operandType, "Incorrect operand type for operator or function; operator: DELETE, operand type: NUMBER"),
    (
      "SET a = :n REMOVE a", .pathOverlap,
      "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a], path two: [a]"
    ),
    (
      "SET a.b = :n, a.b[1] = :n", .pathOverlap,
      "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a, b], path two: [a, b, [1]]"
    ),
    (
      "SET a.b = :n, a[0] = :n", .pathConflict,
      "Two document paths conflict with each other; must remove or rewrite one of these paths; path one: [a, b], path two: [a, [0]]"
    ),
    ("SET status = :n", .reservedWord, "Attribute name is a reserved keyword; reserved keyword: status"),
    ("SET #gone = :n", .undefinedName, "An expression attribute name used in the document path is not defined; attribute name: #gone"),
    ("SET a = :gone", .undefinedValue, "An expression attribute value used in expression is not defined; attribute value: :gone"),
  ]

  @Test(arguments: updates) func refusesUpdates(_ text: String, _ code: ExpressionError.Code, _ message: String) throws {
    let error = #expect(throws: ExpressionError.self) {
      var attributes = try ExpressionAttributes(names: nil, values: Self.values)
      _ = try UpdateExpression(text, &attributes)
    }
    #expect(error?.code == code)
    #expect(error?.message == "Invalid UpdateExpression: " + message)
  }

  static let projections: [(String, ExpressionError.Code, String)] = [
    ("", .empty, "The expression can not be empty;"),
    ("a,", .syntax, #"Syntax error; token: "<EOF>", near: ",""#),
    ("a b", .syntax, #"Syntax error; token: "b", near: "a b""#),
    ("a, :v", .syntax, #"Syntax error; token: ":v", near: ", :v""#),
    (
      "a.b, a", .pathOverlap,
      "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a, b], path two: [a]"
    ),
    (
      "a[0], a.b", .pathConflict,
      "Two document paths conflict with each other; must remove or rewrite one of these paths; path one: [a, [0]], path two: [a, b]"
    ),
    ("name", .reservedWord, "Attribute name is a reserved keyword; reserved keyword: name"),
  ]

  @Test(arguments: projections) func refusesProjections(_ text: String, _ code: ExpressionError.Code, _ message: String) throws {
    let error = #expect(throws: ExpressionError.self) { try ProjectionExpression(parsing: text) }
    #expect(error?.code == code)
    #expect(error?.message == "Invalid ProjectionExpression: " + message)
  }

  static let shared: [([String: String]?, AttributeMap?, String)] = [
    ([:], nil, "ExpressionAttributeNames must not be empty"),
    (nil, [:], "ExpressionAttributeValues must not be empty"),
    (["a": "b"], nil, #"ExpressionAttributeNames contains invalid key: Syntax error; key: "a""#),
    (["#": "b"], nil, ##"ExpressionAttributeNames contains invalid key: Syntax error; key: "#""##),
    (["#é": "b"], nil, ##"ExpressionAttributeNames contains invalid key: Syntax error; key: "#é""##),
    (nil, ["#v": 1], ##"ExpressionAttributeValues contains invalid key: Syntax error; key: "#v""##),
    (["#n": "n", "#x": "x", "#w": "w"], [":v": 1], "Value provided in ExpressionAttributeNames unused in expressions: keys: {#w, #x}"),
    (["#n": "n"], [":v": 1, ":z": 1, ":y": 2], "Value provided in ExpressionAttributeValues unused in expressions: keys: {:y, :z}"),
  ]

  @Test(arguments: shared) func refusesNamesAndValues(_ names: [String: String]?, _ values: AttributeMap?, _ message: String) {
    let error = #expect(throws: ExpressionError.self) { try ConditionExpression(parsing: "#n = :v", names: names, values: values) }
    #expect(error?.message == message)
  }

  @Test func countsBytesAndOperators() throws {
    let limit = String(repeating: "x", count: 4_090)
    #expect(throws: Never.self) { try ConditionExpression(parsing: "\(limit) = :v", values: [":v": 1]) }
    let long = #expect(throws: ExpressionError.self) { try ConditionExpression(parsing: "\(limit)x  = :v", values: [":v": 1]) }
    #expect(long?.message == "Invalid ConditionExpression: Expression size has exceeded the maximum allowed size; expression size: 4097")

    let nested = { (depth: Int) in "a<b " + String(repeating: "or (a<b ", count: depth) + String(repeating: ")", count: depth) }
    #expect(try ConditionExpression(parsing: nested(149)).operatorCount == 299)
    let many = #expect(throws: ExpressionError.self) { try ConditionExpression(parsing: nested(454)) }
    #expect(many?.message == "Invalid ConditionExpression: The expression contains too many operators; operator count: 301")
  }

  @Test(arguments: [
    String(repeating: "(", count: 4_096), String(repeating: "(", count: 2_046) + "a<b" + String(repeating: ")", count: 2_046),
    String(repeating: "not ", count: 1_000) + "a<b",
    "a < " + String(repeating: "f(", count: 1_355) + "b" + String(repeating: ")", count: 1_355),
  ])
  func refusesWhatIsNestedTooDeeply(_ text: String) {
    #expect(throws: ExpressionError.self) { try ConditionExpression(parsing: text) }
  }

  @Test func neverDescribesValues() throws {
    let secret: AttributeMap = [":low": "secret-2", ":high": "secret-1"]
    let error = #expect(throws: ExpressionError.self) { try ConditionExpression(parsing: "a BETWEEN :low AND :high", values: secret) }
    #expect(error?.message.contains("secret") == true)
    #expect(error.map { "\($0)" }?.contains("secret") == false)
    let type = #expect(throws: ExpressionError.self) {
      try ConditionExpression(parsing: "attribute_type(a, :low)", values: [":low": "secret"])
    }
    #expect(type.map { "\($0)" }?.contains("secret") == false)
  }
}
