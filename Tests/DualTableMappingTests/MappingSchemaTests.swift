import DynamoDBModel
import Testing

@testable import DualTableMapping

@Suite struct MappingSchemaTests {
  static let start = "version: 1\nold: {hash: {id: S}}\nnew: {hash: {id: S}}\n"

  @Test(arguments: ["users", "orders", "identity"]) func takesShippedMappings(_ name: String) throws {
    #expect(try Self.takes(String(decoding: file("Mappings/\(name).yaml"), as: UTF8.self)))
  }

  /// What both the schema and the compiler take, or both refuse.
  @Test(arguments: [
    (true, "key: {id: id}"),
    (true, "key: {id: id}\nattributes: {a: {from: b.c, was: number, type: string, default: x, default-when: [null, empty]}}"),
    (true, "key: {id: id}\nattributes: {a: {lookup: {1: x}, otherwise: {const: 2}}, b: {each: {was: string, type: number}}}"),
    (true, "key: {id: id}\nskip-when: {all: [{equals: {a: 1}}, {not: {is-type: {b: SS}}}, {in: {c: [1, x]}}]}"),
    (true, "key: {id: id}\nttl: {old: e, new: f}\nreserved: _x\nkeeps-order: true\ndrop: [a]\nrest: drop"),
    (true, "key: {id: id}\nold-key: {id: id}\nrevert: {attributes: {a: b}, drop: [c], rest: keep, skip-when: {exists: d}}"),
    (false, "key: {id: id}\nrevert: {key: {id: id}}"), (false, "key: {id: id}\nold-key: {id: 1}"),
    (true, "items:\n- {name: a, primary: true, key: {id: id}}"),
    (false, ""), (false, "kye: {id: id}"), (false, "key: {id: 1}"), (false, "key: {id: id}\nrest: keeep"),
    (false, "key: {id: id}\nitems:\n- {name: a, primary: true, key: {id: id}}"), (false, "items: []"),
    (false, "key: {id: {from: a, const: b}}"), (false, "key: {id: {was: number}}"), (false, "key: {id: {was: number, type: list}}"),
    (false, "key: {id: {from: id, take: x}}"), (false, "key: {id: id}\nskip-when: {equals: {a: 1}, exists: b}"),
    (false, "key: {id: id}\nttl: {older: a}"), (false, "key: {id: id}\nattributes: {a: {lookup: {x: y}, otherwise: {const: 1, of: 2}}}"),
    (false, "key: {id: id}\nattributes: {a: {each: {}}}"), (false, "key: {id: id}\nattributes: {a: {each: {rest: keep, was: list}}}"),
    (false, "key: {id: id}\nskip-when: {is-type: {a: SN}}"), (false, "key: {id: id}\nattributes: {a: {default: 1, default-when: [never]}}"),
  ])
  func judgesAsTheCompiler(_ isRight: Bool, _ rest: String) throws {
    let yaml = Self.start + rest
    #expect(try Self.takes(yaml) == isRight)
    #expect(((try? CompiledMapping(yaml: Array(yaml.utf8), file: "f")) != nil) == isRight)
  }

  static func takes(_ yaml: String) throws -> Bool {
    var findings = FindingCollector(file: "f")
    let node = try #require(YAMLReader.read(Array(yaml.utf8), &findings))
    return takes(json(node), MappingSchema.json)
  }

  static func json(_ node: YAMLNode) -> JSONValue {
    switch node.content {
    case .sequence(let nodes): .array(nodes.map(json))
    case .mapping(let entries): .object(entries.map { .init($0.key, json($0.value)) })
    case .scalar(let text, let isQuoted):
      switch YAMLScalar(text, quoted: isQuoted) {
      case .text(let text), .unwritable(let text): .string(text)
      case .number(let text): .number(text)
      case .bool(let value): .bool(value)
      case .null: .null
      }
    }
  }

  /// Judges by the words of JSON Schema that the schema uses; any other is an issue.
  static func takes(_ value: JSONValue, _ schema: JSONValue) -> Bool {
    guard let words = schema.object else { return schema == .bool(true) }
    func has(_ names: JSONValue) -> Bool { names.array?.allSatisfy { value[$0.string ?? ""] != nil } == true }
    return words.allSatisfy { word in
      let says = word.value
      switch word.name {
      case "$schema", "$defs", "title", "then", "else": return true
      case "$ref":
        let name = String(says.string?.split(separator: "/").last ?? "")
        return MappingSchema.json["$defs"]?[name].map { takes(value, $0) } ?? false
      case "type": return (says.array ?? [says]).contains(.string(type(of: value)))
      case "const": return value == says
      case "enum": return says.array?.contains(value) == true
      case "properties": return value.object?.allSatisfy { says[$0.name].map { [value = $0.value] in takes(value, $0) } ?? true } ?? true
      case "additionalProperties":
        return value.object?.filter { schema["properties"]?[$0.name] == nil }.allSatisfy { takes($0.value, says) } ?? true
      case "required": return value.object == nil || has(says)
      case "dependentRequired": return says.object?.allSatisfy { value[$0.name] == nil || has($0.value) } == true
      case "minProperties": return value.object.map { $0.count >= says.integer ?? .max } ?? true
      case "maxProperties": return value.object.map { $0.count <= says.integer ?? 0 } ?? true
      case "items": return value.array?.allSatisfy { takes($0, says) } ?? true
      case "minItems": return value.array.map { $0.count >= says.integer ?? .max } ?? true
      case "maxItems": return value.array.map { $0.count <= says.integer ?? 0 } ?? true
      case "anyOf": return says.array?.contains { takes(value, $0) } == true
      case "allOf": return says.array?.allSatisfy { takes(value, $0) } == true
      case "not": return !takes(value, says)
      case "if": return schema[takes(value, says) ? "then" : "else"].map { takes(value, $0) } ?? true
      default:
        Issue.record("the schema says '\(word.name)'")
        return false
      }
    }
  }

  static func type(of value: JSONValue) -> String {
    switch value {
    case .null: "null"
    case .bool: "boolean"
    case .number: "number"
    case .string: "string"
    case .array: "array"
    case .object: "object"
    }
  }
}
