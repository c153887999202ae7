internal import DynamoDBExpressions
package import DynamoDBModel

/// The order in which a query hands out items: by the sort key of its table or index, upwards or downwards.
package struct SortOrder: Sendable, Hashable {
  /// The sort key; nil where there is none, and all items are equal in order.
  package let attribute: String?
  package let isForward: Bool

  package init(_ attribute: String?, isForward: Bool) {
    self.attribute = attribute
    self.isForward = isForward
  }

  /// What decides the item's place.
  package func value(of item: Item) -> AttributeValue? { attribute.flatMap { item[$0] } }

  /// Less than, equal to or more than zero as `left` comes before, with or after `right`.
  package func compare(_ left: AttributeValue?, _ right: AttributeValue?) -> Int {
    guard let left, let right, let order = Condition.order(left, right) else { return 0 }
    return isForward ? order : -order
  }
}
