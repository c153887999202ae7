package import DynamoDBExpressions
package import DynamoDBModel

/// What a caller wants of the items that a query or a scan looks at.
package struct PageShape: Sendable {
  /// Which of them to hand out.
  package var filter: Condition?
  /// Which attributes of those.
  package var projection: ProjectionExpression?
  /// True to count them only.
  package var countsOnly: Bool
  /// How many to look at, at most.
  package var limit: Int?

  /// True if all items that are looked at are handed out, and whole.
  fileprivate var isWhole: Bool { filter == nil && projection == nil && !countsOnly }

  package init(filter: Condition? = nil, projection: ProjectionExpression? = nil, countsOnly: Bool = false, limit: Int? = nil) {
    self.filter = filter
    self.projection = projection
    self.countsOnly = countsOnly
    self.limit = limit
  }
}

/// A page of the caller's as it fills: what comes here has gone through the merge, so filter and projection can hide nothing from it.
package struct PageBuilder: Sendable {
  package let shape: PageShape
  package private(set) var items: [Item] = []
  /// Items that passed the filter.
  package private(set) var count = 0
  /// Items that were looked at: those that are there, whatever the filter says. No tombstone, and nothing twice.
  package private(set) var scannedCount = 0
  /// Of what was looked at, but of the items that aren't sized yet.
  private var bytes = 0
  /// How many of `items` are sized.
  private var sized = 0

  /// Bytes of items that a page looks at, at most, as the service does.
  package static let mostBytes = 1 << 20

  package init(_ shape: PageShape) { self.shape = shape }

  /// True if the limit is reached.
  package var isFull: Bool { shape.limit.map { scannedCount >= $0 } ?? false }

  /// Looks at an item.
  ///
  /// - Parameter isOfOneRequest: true for items that one request of the service's gave. They come to a page at most by themselves, so that
  ///   they are sized only once others are looked at, too.
  /// - Returns: false if the page has no room for it; the first item always has.
  package mutating func take(_ item: Item, ofOneRequest isOfOneRequest: Bool = false) -> Bool {
    guard !isFull else { return false }
    let isSizedLater = isOfOneRequest && sized == 0 && shape.isWhole
    if !isSizedLater {
      if shape.isWhole { for item in items[sized...] { bytes += item.sizeInBytes } }
      sized = items.count
      let size = item.sizeInBytes
      guard scannedCount == 0 || bytes + size <= Self.mostBytes else { return false }
      bytes += size
    }
    scannedCount += 1
    guard shape.filter?.evaluate(on: item) ?? true else { return true }
    count += 1
    if !shape.countsOnly { items.append(shape.projection?.project(item) ?? item) }
    if !isSizedLater { sized = items.count }
    return true
  }
}
