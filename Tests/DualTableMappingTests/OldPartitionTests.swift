import DualTableMapping
import DynamoDBModel
import Testing

/// Where a mapping file says that OLD has a partition of NEW's.
@Suite struct OldPartitionTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let name: String
    let yaml: String
    var partition: AttributeValue = "P#x"
    var index: String?
    /// Index, value and order of each; nil: can't be told.
    let expected: [String]?
    var testDescription: String { name }
  }

  static let rows: [Row] = [
    Row(
      name: "copied keys",
      yaml: "old: {hash: {h: S}, range: {r: N}}\nnew: {hash: {h: S}, range: {r: N}}\nkey: {h: h, r: r}",
      expected: ["table P#x prefixed()"]),
    Row(
      name: "re-keyed by templates",
      yaml:
        "old: {hash: {h: S}, range: {r: S}}\nnew: {hash: {pk: S}, range: {sk: S}}\nkey: {pk: {template: \"P#{h}\"}, sk: {template: \"S#{r}\"}}",
      expected: ["table x prefixed(S#)"]),
    Row(
      name: "a value that no item gives",
      yaml: "old: {hash: {h: S}, range: {r: S}}\nnew: {hash: {pk: S}, range: {sk: S}}\nkey: {pk: {template: \"P#{h}\"}, sk: r}",
      partition: "Q#x", expected: []),
    Row(
      name: "a value of another type",
      yaml: "old: {hash: {h: S}}\nnew: {hash: {h: S}}\nkey: {h: h}", partition: 7, expected: []),
    Row(
      name: "numbers as text have another order",
      yaml: "old: {hash: {h: S}, range: {r: N}}\nnew: {hash: {h: S}, range: {s: S}}\nkey: {h: h, s: {template: \"{r}\"}}",
      expected: ["table P#x unrelated"]),
    Row(
      name: "an order that is stated",
      yaml:
        "old: {hash: {h: S}, range: {r: N}}\nnew: {hash: {h: S}, range: {s: S}}\nkey: {h: h, s: {template: \"{r}\"}}\nkeeps-order: true",
      expected: ["table P#x ordered"]),
    Row(
      name: "no order that is stated",
      yaml: "old: {hash: {h: S}, range: {r: S}}\nnew: {hash: {h: S}, range: {r: S}}\nkey: {h: h, r: r}\nkeeps-order: false",
      expected: ["table P#x unrelated"]),
    Row(
      name: "a query-index",
      yaml: """
        old: {hash: {id: S}, indexes: {byC: {hash: {c: S}, range: {id: S}}}}
        new: {hash: {pk: S}, range: {sk: S}}
        query-index: byC
        key: {pk: {template: "P#{c}"}, sk: {template: "O#{id}"}}
        """, expected: ["byC x prefixed(O#)"]),
    Row(
      name: "neither a partition nor a query-index",
      yaml: """
        old: {hash: {id: S}}
        new: {hash: {pk: S}, range: {sk: S}}
        key: {pk: {template: "P#{c}"}, sk: id}
        """, expected: nil),
    Row(
      name: "old-key that is stated",
      yaml: """
        old: {hash: {id: S}}
        new: {hash: {pk: S}}
        key: {pk: {template: "P#{id}"}}
        old-key: {id: {from: pk, parse: "P#{id}"}}
        """, expected: ["table x ordered"]),
    Row(
      name: "an index that both have",
      yaml: """
        old: {hash: {id: S}, indexes: {other: {hash: {c: S}, range: {x: N}}, byC: {hash: {c: S}, range: {t: N}}}}
        new: {hash: {id: S}, indexes: {byC: {hash: {gc: S}, range: {t: N}}}}
        key: {id: id}
        attributes: {gc: {template: "P#{c}"}}
        """, index: "byC", expected: ["byC x prefixed()"]),
    Row(
      name: "an index of NEW's that OLD's table answers",
      yaml: """
        old: {hash: {h: S}, range: {r: S}}
        new: {hash: {id: S}, indexes: {byH: {hash: {h: S}, range: {r: S}}}}
        key: {id: {template: "{h}#{r}"}}
        """, index: "byH", expected: ["table P#x prefixed()"]),
    Row(
      name: "an index of OLD's that lacks items of NEW's isn't taken",
      yaml: """
        old: {hash: {id: S}, indexes: {byC: {hash: {c: S}, range: {t: N}}}}
        new: {hash: {id: S}, indexes: {byC: {hash: {c: S}}}}
        key: {id: id}
        """, index: "byC", expected: nil),
    Row(
      name: "an index of what is nested in OLD",
      yaml: """
        old: {hash: {id: S}}
        new: {hash: {id: S}, indexes: {byEmail: {hash: {email: S}}}}
        key: {id: id}
        attributes: {email: profile.email}
        """, index: "byEmail", expected: nil),
    Row(
      name: "an index that no item of OLD's gets into",
      yaml: """
        old: {hash: {id: S}}
        new: {hash: {id: S}, indexes: {byTag: {hash: {tag: S}}}}
        key: {id: id}
        drop: [tag]
        """, index: "byTag", expected: []),
    Row(
      name: "an index that the file doesn't name", yaml: "old: {hash: {id: S}}\nnew: {hash: {id: S}}\nkey: {id: id}", index: "byX",
      expected: nil),
  ]

  @Test("query: key conditions go to NEW and, translated by the mapping, to OLD", arguments: rows) func partitions(_ row: Row) throws {
    let mapping = try CompiledMapping(yaml: Array("version: 1\n\(row.yaml)\nrest: keep\n".utf8), file: "test.yaml")
    let found = mapping.oldPartitions(of: row.partition, index: row.index)?.map { partition in
      let order =
        switch partition.sortKey {
        case .unrelated: "unrelated"
        case .ordered: "ordered"
        case .prefixed(let text): "prefixed(\(text))"
        case .constant: "constant"
        }
      return "\(partition.indexName ?? "table") \(partition.value.stringValue ?? "?") \(order)"
    }
    #expect(found == row.expected)
  }

  /// The shipped orders.yaml: one block in an index of OLD's, the other in its table.
  @Test func blocksHaveTheirOwnParts() throws {
    let yaml = """
      version: 1
      old: {hash: {orderId: S}, indexes: {byCustomer: {hash: {customerId: S}}}}
      new: {hash: {pk: S}, range: {sk: S}}
      query-index: byCustomer
      items:
      - name: order
        primary: true
        key: {pk: {template: "CUSTOMER#{customerId}"}, sk: {template: "ORDER#{orderId}"}}
        rest: keep
      - name: by-id
        key: {pk: {template: "ORDER#{orderId}"}, sk: {const: META}}
        rest: drop
      """
    let mapping = try CompiledMapping(yaml: Array(yaml.utf8), file: "orders.yaml")
    let customers = try #require(mapping.oldPartitions(of: "CUSTOMER#c1", index: nil))
    #expect(customers.map(\.indexName) == ["byCustomer"] && customers.map(\.value) == ["c1"] && customers[0].sortKey == .unrelated)
    let orders = try #require(mapping.oldPartitions(of: "ORDER#o1", index: nil))
    #expect(orders.map(\.indexName) == [nil] && orders.map(\.value) == ["o1"] && orders[0].sortKey == .constant("META"))
  }
}
