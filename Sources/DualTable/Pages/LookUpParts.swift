internal import DynamoDBModel

/// The items of a page, in parts that are looked up by one request of a batch each, as far as what is found comes to a page.
///
/// There may be a lot to find for a page of small ones: an index that holds keys alone, or items that grew in the new table.
internal struct LookUpParts: Sendable {
  private let count: Int
  private let most: Int
  private var bytes = 0
  /// Where the last part ends.
  internal private(set) var end = 0
  private static let mostInBatch = 100

  /// - Parameter most: bytes to find at most, and what the last part adds.
  internal init(_ count: Int, upTo most: Int = PageBuilder.mostBytes) {
    self.count = count
    self.most = most
  }

  /// True if there are items that shouldn't be looked up any more, but read again.
  internal var isCut: Bool { end < count }

  /// The next part; nil when all are done, or enough was found.
  internal mutating func next() -> Range<Int>? {
    guard isCut, bytes < most else { return nil }
    defer { end = min(end + Self.mostInBatch, count) }
    return end..<min(end + Self.mostInBatch, count)
  }

  internal mutating func found(_ items: some Sequence<Item>) { bytes += items.reduce(0) { $0 + $1.sizeInBytes } }
}
