import DualTableMapping
import DynamoDBExpressions
import DynamoDBModel
import HTTPTransport

// What people and services write in languages of their own.
extension FuzzTarget {
  static let languages = [
    FuzzTarget(name: "condition") { bytes in
      guard var attributes, let read = try? ConditionExpression(text(bytes), &attributes) else { return }
      _ = read.evaluate(on: sample)
      _ = read.evaluate(on: nil)
      // Printed by the kit's own writer and read again it is the same condition.
      var writer = ExpressionWriter()
      let printed = writer.write(read.condition)
      guard let again = try? ConditionExpression(parsing: printed, names: writer.attributeNames, values: writer.attributeValues) else {
        return
      }
      precondition(again.evaluate(on: sample) == read.evaluate(on: sample), "a condition isn't itself again")
    },
    FuzzTarget(name: "update") { bytes in
      guard var attributes, let read = try? UpdateExpression(text(bytes), &attributes) else { return }
      _ = try? read.applied(to: sample)
    },
    FuzzTarget(name: "key-condition") { bytes in
      guard var attributes else { return }
      _ = try? KeyConditionExpression(text(bytes), &attributes)
    },
    FuzzTarget(name: "projection") { bytes in
      guard var attributes, let read = try? ProjectionExpression(text(bytes), &attributes) else { return }
      _ = read.project(sample)
    },
    FuzzTarget(name: "partiql") { bytes in
      let parameters: [AttributeValue] = [.string("a"), .number(DynamoDBNumber(1)), .list([])]
      if let insert = try? InsertStatement(parsing: text(bytes), parameters: parameters) { _ = insert.item.sizeInBytes }
      _ = try? SelectStatement(parsing: text(bytes), parameters: parameters)
    },
    FuzzTarget(name: "mapping", run: mapping),
    FuzzTarget(name: "settings") { bytes in _ = try? SettingsFile(yaml: bytes, file: "dualtable.yaml") },
  ]

  private static let attributes = try? ExpressionAttributes(
    names: ["#a": "a", "#b": "b"], values: [":s": .string("s"), ":n": .number(DynamoDBNumber(1)), ":l": .list([.string("s")])])

  private static let sample: Item = [
    "a": ["b": [1, 2, ["c": "d"]]], "b": "s", "n": 1, "id": "u#1", "t": .stringSet(["x", "y"]), "z": .binary([1, 2]),
    "when": "2026-01-01T00:00:00Z", "epoch": "1700000000", "flag": "Y", "null": .null, "empty": [:],
  ]

  static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  /// A file that compiles converts values and bytes alike, and its keys lead back.
  @Sendable private static func mapping(_ bytes: [UInt8]) {
    guard let mapping = try? CompiledMapping(yaml: bytes, file: "m.yaml") else { return }
    _ = mapping.digest
    for item in [sample, ["id": "1"], ["id": 1, "sk": "x"], ["pk": "p", "sk": "s", "id": "u#2"]] as [Item] {
      let values = try? mapping.convert(item)
      var wire = ByteBuffer()
      item.encode(into: &wire)
      let written = converted(mapping, wire.span)
      if let values, let written { precondition(values == written, "values and bytes differ") }
      for value in values ?? [] {
        guard let key = mapping.newSchema.key(of: value) else { preconditionFailure("a result without its key") }
        _ = try? mapping.oldKey(for: key)
      }
    }
  }

  private static func converted(_ mapping: CompiledMapping, _ wire: Span<UInt8>) -> [Item]? {
    var tape = ItemTape()
    guard (try? tape.read(wire)) != nil else { preconditionFailure("an item that can't be read") }
    var converter = ItemConverter(mapping)
    var results: [Item] = []
    guard let count = try? converter.begin(tape, wire) else { return nil }
    for result in 0..<count {
      var out = ByteBuffer()
      do throws(ConversionError) {
        guard try converter.write(result, of: tape, wire, to: &out) else { continue }
      } catch {
        return nil
      }
      guard let item = try? Item(wire: out.span) else { preconditionFailure("a result that can't be read") }
      results.append(item)
    }
    return results
  }
}
