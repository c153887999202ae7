package import DynamoDBModel

/// The JSON Schema of mapping files, made from the tables that the compiler reads them by: for editors, which complete and check by it.
///
/// It says which keys stand where and what their values look like. What takes more, such as whether a key leads back, only `check` tells.
package enum MappingSchema {
  package static var json: JSONValue {
    let definitions: [(String, JSONValue)] = [
      ("table", object(MappingCompiler.tableKeys, required: ["hash"])),
      ("index", object(MappingCompiler.keySchemaKeys, required: ["hash"])),
      ("block", object(MappingCompiler.itemKeys, required: ["name", "key"])),
      ("rule", any([text, restricted(object(MappingCompiler.ruleKeys))])),
      ("elements", object(MappingCompiler.eachKeys, more: [("minProperties", .number("1"))])),
      ("element", restricted(object(MappingCompiler.stepKeys, more: [("minProperties", .number("1"))]))),
      ("condition", object(MappingCompiler.operators, more: onlyOne)),
    ]
    let hasItems = map([("required", words(["items"]))])
    let hasBlock = map([("anyOf", .array(MappingCompiler.blockKeys.map { map([("required", words([$0]))]) }))])
    return object(
      MappingCompiler.topKeys, required: ["version", "old", "new"],
      more: [
        ("$schema", .string("https://json-schema.org/draft/2020-12/schema")), ("title", .string("A mapping of dualtable's")),
        ("if", hasItems), ("then", map([("not", hasBlock)])), ("else", map([("required", words(["key"]))])), ("$defs", map(definitions)),
      ])
  }

  /// What stands behind `key`, which means the same wherever it may stand.
  private static func value(of key: String) -> JSONValue {
    switch key {
    case "version": map([("const", .number("1"))])
    case "old", "new": reference("table")
    case "ttl":
      map([
        ("type", .string("object")), ("additionalProperties", .bool(false)),
        ("properties", map(MappingCompiler.timeToLiveKeys.map { ($0, text) })),
      ])
    case "reserved", "query-index", "name", "from", "template", "parse", "take", "exists": text
    case "keeps-order", "primary", "lossy": map([("type", .string("boolean"))])
    case "hash", "range": every(oneOf(ScalarType.allCases.map(\.rawValue)), more: onlyOne)
    case "indexes": every(reference("index"))
    case "items": list(of: reference("block"), more: [("maxItems", .number("\(MappingCompiler.blockLimit)"))])
    case "key", "old-key", "attributes": every(reference("rule"))
    case "revert": object(MappingCompiler.revertKeys)
    case "rest": oneOf(BlockForm.Rest.allCases.map(\.rawValue))
    case "drop": map([("type", .string("array")), ("items", text)])
    case "skip-when", "when", "not": reference("condition")
    case "const", "default": .bool(true)
    case "lookup": every(.bool(true), more: atLeastOne)
    case "otherwise":
      any([
        oneOf(["error", "keep", "drop"]),
        map([
          ("type", .string("object")), ("properties", map([("const", .bool(true))])), ("required", words(["const"])),
          ("additionalProperties", .bool(false)),
        ]),
      ])
    case "was", "type": oneOf(ValueFormat.allCases.map(\.rawValue))
    case "each": any([reference("elements"), reference("element")])
    // Without quotes `null` is no text.
    case "default-when": list(of: map([("enum", .array([.string("absent"), .string("null"), .null, .string("empty")]))]))
    case "equals": every(.bool(true), more: atLeastOne)
    case "less", "greater": every(map([("type", words(["string", "number"]))]), more: atLeastOne)
    case "in": every(map([("type", .string("array"))]), more: atLeastOne)
    case "is-type": every(oneOf(AttributeType.allCases.map { "\($0.name)" }), more: atLeastOne)
    case "matches": every(text, more: atLeastOne)
    case "all", "any": list(of: reference("condition"))
    default: preconditionFailure("a key of the language without a schema")
    }
  }

  /// A map of steps, with what the compiler says of keys that need or exclude one another.
  private static func restricted(_ steps: JSONValue) -> JSONValue {
    let sources = MappingCompiler.sourceKeys
    let pairs = sources.indices.flatMap { first in sources[(first + 1)...].map { words([sources[first], $0]) } }
    let needs = MappingCompiler.idleAlone.map { ($0.key, words([$0.other])) } + [("was", words(["type"])), ("type", words(["was"]))]
    let types = ValueFormat.allCases.map { was in
      map([
        ("if", map([("properties", map([("was", map([("const", .string(was.rawValue))]))])), ("required", words(["was"]))])),
        ("then", map([("properties", map([("type", oneOf(was.targets.map(\.rawValue)))]))])),
      ])
    }
    let restrictions: [(String, JSONValue)] = [
      ("not", any(pairs.map { map([("required", $0)]) })), ("dependentRequired", map(needs)), ("allOf", .array(types)),
    ]
    return .object((steps.object ?? []) + restrictions.map { .init($0.0, $0.1) })
  }

  // MARK: shapes

  private static let text = map([("type", .string("string"))])
  private static let atLeastOne: [(String, JSONValue)] = [("minProperties", .number("1"))]
  private static let onlyOne: [(String, JSONValue)] = atLeastOne + [("maxProperties", .number("1"))]

  private static func map(_ members: [(String, JSONValue)]) -> JSONValue { .object(members.map { .init($0.0, $0.1) }) }
  private static func words(_ words: [String]) -> JSONValue { .array(words.map { .string($0) }) }
  private static func oneOf(_ choices: [String]) -> JSONValue { map([("enum", words(choices))]) }
  private static func any(_ shapes: [JSONValue]) -> JSONValue { map([("anyOf", .array(shapes))]) }
  private static func reference(_ name: String) -> JSONValue { map([("$ref", .string("#/$defs/\(name)"))]) }

  /// A map of these keys only.
  private static func object(_ keys: [String], required: [String] = [], more: [(String, JSONValue)] = []) -> JSONValue {
    let shape: [(String, JSONValue)] = [
      ("type", .string("object")), ("properties", map(keys.map { ($0, value(of: $0)) })), ("additionalProperties", .bool(false)),
    ]
    return map(more + shape + (required.isEmpty ? [] : [("required", words(required))]))
  }

  /// A map of any keys with values of one shape.
  private static func every(_ shape: JSONValue, more: [(String, JSONValue)] = []) -> JSONValue {
    map([("type", .string("object")), ("additionalProperties", shape)] + more)
  }

  /// A list of at least one.
  private static func list(of shape: JSONValue, more: [(String, JSONValue)] = []) -> JSONValue {
    map([("type", .string("array")), ("items", shape), ("minItems", .number("1"))] + more)
  }
}
