package import DynamoDBModel

/// What differs between two items, attribute by attribute, down to what isn't a map or a list.
package struct ItemDifference: Sendable {
  package struct Change: Sendable, Equatable {
    /// Where, as a mapping file writes it.
    package let path: String
    /// Nil for what is only in the second item.
    package let old: AttributeValue?
    /// Nil for what is only in the first item.
    package let new: AttributeValue?
  }

  /// In the order of the first item, what is only in the second one at the end.
  package let changes: [Change]
  /// Values that are equal in both.
  package let unchanged: Int

  package init(from old: Item, to new: Item) {
    let before = Self.leaves(of: .map(old), at: [])
    let after = Self.leaves(of: .map(new), at: [])
    let found = Dictionary(after) { first, _ in first }
    let known = Set(before.map(\.0))
    var changes: [Change] = []
    var unchanged = 0
    for (path, value) in before {
      if let other = found[path], other == value {
        unchanged += 1
      } else {
        changes.append(Change(path: path.description, old: value, new: found[path]))
      }
    }
    for (path, value) in after where !known.contains(path) { changes.append(Change(path: path.description, old: nil, new: value)) }
    self.changes = changes
    self.unchanged = unchanged
  }

  /// The values within that hold no others, each with its path; an empty map or list is one.
  private static func leaves(of value: AttributeValue, at steps: [AttributePath.Step]) -> [(AttributePath, AttributeValue)] {
    switch value {
    case .map(let map) where !map.isEmpty: map.flatMap { leaves(of: $0.value, at: steps + [.name(AttributeName($0.name))]) }
    case .list(let list) where !list.isEmpty: list.enumerated().flatMap { leaves(of: $0.element, at: steps + [.index($0.offset)]) }
    default: [(AttributePath(steps: steps), value)]
    }
  }
}
