package import DynamoDBModel

/// Where a value stands in an item: a root attribute, then map members and list elements; aliases are already replaced.
package struct DocumentPath: Sendable, Hashable {
  /// One step down.
  package enum Element: Sendable, Hashable {
    case attribute(AttributeName)
    case index(Int)
  }

  /// The name of an attribute or map member; names differ if their bytes do.
  package struct AttributeName: Sendable, Hashable {
    package let text: String

    package init(_ text: String) { self.text = text }

    package static func == (left: Self, right: Self) -> Bool { UTF8Text.equal(left.text, right.text) }
    package func hash(into hasher: inout Hasher) { UTF8Text.hash(text, into: &hasher) }
  }

  /// The steps; the first is an attribute.
  package let elements: [Element]

  /// The path of a root attribute.
  package init(root: String) { elements = [.attribute(AttributeName(root))] }

  internal init(elements: [Element]) { self.elements = elements }

  /// The name of the root attribute.
  package var root: String {
    guard case .attribute(let name) = elements.first else { return "" }
    return name.text
  }

  /// True for a root attribute, false for something inside one.
  package var isRoot: Bool { elements.count == 1 }

  /// The value that stands there; nil where there is none.
  package func value(in item: Item) -> AttributeValue? {
    guard var value = item[root] else { return nil }
    for element in elements.dropFirst() {
      switch (element, value) {
      case (.attribute(let name), .map(let map)):
        guard let member = map[name.text] else { return nil }
        value = member
      case (.index(let index), .list(let list)):
        guard index < list.count else { return nil }
        value = list[index]
      default: return nil
      }
    }
    return value
  }

  /// The path as the service quotes it in errors: `[a, [0], b]`.
  internal var quoted: String {
    let parts = elements.map { element in
      switch element {
      case .attribute(let name): name.text
      case .index(let index): "[\(index)]"
      }
    }
    return "[" + parts.joined(separator: ", ") + "]"
  }
}
